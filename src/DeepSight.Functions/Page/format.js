// Numbers, sizes and times as the command shows them.
let ahead = 0;

// Ages are told by the app's clock, whatever this device's says.
export const setClock = app => { ahead = app - Date.now(); };
export const clockSkew = () => ahead;
export const now = () => Date.now() + ahead;

export function size(bytes) {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let unit = 0, value = bytes;
  for (; Math.abs(value) >= 999.5 && unit < units.length - 1; unit++) value /= 1000;
  return `${value.toFixed(Math.abs(value) < 9.95 && unit > 0 ? 1 : 0)} ${units[unit]}`;
}

export const whole = value => value.toLocaleString('en-US');
export const count = value => value < 1e6 ? whole(Math.round(value)) : value < 1e9 ? `${(value / 1e6).toFixed(1)} M` : `${(value / 1e9).toFixed(1)} G`;

export function duration(seconds) {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} m ${Math.floor(seconds % 60)} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} m`;
}

export function age(milliseconds) {
  if (milliseconds < -60000) return `in ${age(-milliseconds)}`;
  const minutes = Math.floor(milliseconds / 60000);
  return minutes < 1 ? 'less than a minute' : minutes < 60 ? `${minutes} m` : minutes < 1440 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} d`;
}

export function ago(time) {
  const gone = now() - Date.parse(time);
  return gone < -60000 ? age(gone) : gone < 60000 ? 'just now' : `${age(gone)} ago`;
}

export const date = time => new Date(time).toISOString().slice(0, 10);
export const moment = time => new Date(time).toISOString().slice(0, 16).replace('T', ' ');
export const plural = (n, one, many = `${one}s`) => `${whole(n)} ${n === 1 ? one : many}`;
