import { setClock } from './format.js';

// Beside this file's folder, whatever the app's route prefix is.
const base = new URL('../', import.meta.url);
const KEY = 'deepsight-function-key';

// Told of a request refused for its key; of whether one was sent.
export let onRefused = () => {};
export const whenRefused = handler => { onRefused = handler; };
export const setKey = key => sessionStorage.setItem(KEY, key);
export const address = path => new URL(path, base).href;

// What failed, and what to do about it.
export class Failure extends Error {
  constructor(message, hint, status) {
    super(message);
    Object.assign(this, { hint, status });
  }
}

export async function ask(path, { method = 'GET', body, accept = [] } = {}) {
  const key = sessionStorage.getItem(KEY);
  const headers = { Accept: 'application/json' };
  if (key) headers['x-functions-key'] = key;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  let answer;
  try {
    answer = await fetch(address(path), { method, headers, body: body === undefined ? undefined : JSON.stringify(body), cache: 'no-store' });
  } catch {
    throw new Failure('The app does not answer.', 'is it running, and is the network there? This page tries again by itself.', 0);
  }
  const date = Date.parse(answer.headers.get('date'));
  if (date) setClock(date + 500);
  if (answer.status === 401) {
    // Not a newer one.
    if (sessionStorage.getItem(KEY) === key) {
      sessionStorage.removeItem(KEY);
      onRefused(!!key);
    }
    throw new Failure('The function key is missing or wrong.', 'type it in again.', 401);
  }
  const text = await answer.text();
  let content = null;
  try {
    if (text) content = JSON.parse(text);
  } catch {
    throw new Failure(`The app answers ${answer.status} with something that is not JSON.`, 'is a proxy between this page and the app?', answer.status);
  }
  if (answer.ok || accept.includes(answer.status)) return content;
  throw new Failure(content?.detail ?? `The app answers ${answer.status}.`, content?.hint, answer.status);
}

export const newId = () => [...crypto.getRandomValues(new Uint8Array(8))].map(byte => byte.toString(16).padStart(2, '0')).join('');
