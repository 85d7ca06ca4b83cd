import { h, s } from './dom.js';
import { date, plural } from './format.js';

const DAY = 86400000;
const CELL = 13;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const STATES = { proven: 'restored in a drill', good: 'good backup', failed: 'backup failed', missing: 'no backup', none: 'none kept' };
const SUMMARY = { proven: 'with a backup restored in a drill', good: 'with a good backup', failed: 'on which it failed', missing: 'without one' };

function stateOf(day, at, first, today, keepDays) {
  if (day?.good) return day.proven ? 'proven' : 'good';
  if (day?.runs) return 'failed';
  // An older day's may have been deleted by its rules, and today is not over.
  return at < first || at >= today || today - at > keepDays * DAY ? 'none' : 'missing';
}

// A year of days, a column a week.
export function calendar({ days, now, keep_days: keepDays }) {
  const today = Math.floor(Date.parse(now) / DAY) * DAY;
  const known = new Map(days.map(day => [day.date, day]));
  const first = days.length ? Date.parse(days[0].date) : today;
  const start = today - 364 * DAY;
  const monday = start - ((new Date(start).getUTCDay() + 6) % 7) * DAY;
  const weeks = Math.ceil((today - monday) / DAY / 7 + 0.01);
  const cells = [], labels = [], recent = {};
  let lastMonth = -1;
  for (let at = start; at <= today; at += DAY) {
    const day = known.get(date(at)), state = stateOf(day, at, first, today, keepDays);
    const column = Math.floor((at - monday) / DAY / 7), row = (at - monday) / DAY % 7;
    const x = 26 + column * CELL, y = 16 + row * CELL;
    if (today - at < 30 * DAY && state !== 'none') recent[state] = (recent[state] ?? 0) + 1;
    const told = `${date(at)}: ${STATES[state]}${day?.good ? `, ${plural(day.good, 'backup')}` : ''}${day?.runs ? `, ${plural(day.runs, 'run')}` : ''}`;
    cells.push(s('g', { class: `day ${state}`, 'data-date': date(at), 'data-state': state },
      s('rect', { x, y, width: 11, height: 11, rx: 2 }), state === 'failed' && s('path', { d: `M${x + 3} ${y + 3}l5 5m0-5l-5 5` }), s('title', {}, told)));
    const month = new Date(at).getUTCMonth();
    if (month !== lastMonth && row === 0) {
      if (column < weeks - 2) labels.push(s('text', { x, y: 10 }, MONTHS[month]));
      lastMonth = month;
    }
  }
  ['Mon', 'Wed', 'Fri'].forEach((name, i) => labels.push(s('text', { x: 0, y: 26 + i * 2 * CELL }, name)));
  const width = 26 + weeks * CELL;
  const summary = Object.entries(SUMMARY).filter(([state]) => recent[state]).map(([state, text]) => `${recent[state]} ${text}`).join(', ') || 'nothing yet';
  const picture = s('svg', { viewBox: `0 0 ${width} ${16 + 7 * CELL}`, width, role: 'img', 'aria-label': `Days of the last year. Of the last 30 days: ${summary}.` }, labels, cells);
  const legend = Object.entries(STATES).map(([state, text]) => h('li', {},
    s('svg', { width: 11, height: 11, 'aria-hidden': 'true' }, s('g', { class: `day ${state}` }, s('rect', { width: 11, height: 11, rx: 2 }), state === 'failed' && s('path', { d: 'M3 3l5 5m0-5l-5 5' }))), text));
  const scroll = h('div', { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': 'Calendar of backups' }, picture);
  requestAnimationFrame(() => { scroll.scrollLeft = scroll.scrollWidth; });
  return [scroll, h('ul', { class: 'legend' }, legend), h('p', { class: 'muted' }, `Of the last 30 days: ${summary}.`)];
}

// Far from the ten before: less than half of their median, or more than twice.
function isOutlier(points, i) {
  const before = points.slice(Math.max(0, i - 10), i).map(point => point.value).sort((a, b) => a - b);
  if (before.length < 3) return false;
  const median = (before[(before.length - 1) >> 1] + before[before.length >> 1]) / 2;
  return points[i].value * 2 < median || points[i].value > median * 2;
}

// Values over time as a line that fills its place.
export function line(title, points, format) {
  const place = h('figure', { class: 'card' }, h('figcaption', {}, title));
  if (points.length < 2) {
    place.append(h('p', { class: 'muted' }, points.length ? `${format(points[0].value)}, one backup so far.` : 'Nothing to draw yet.'));
    return place;
  }
  const last = points[points.length - 1];
  place.firstChild.append(h('strong', {}, ` ${format(last.value)}`));
  const box = h('div', { class: 'plot' });
  place.append(box);
  let drawn = 0;
  new ResizeObserver(() => {
    const width = Math.floor(box.clientWidth);
    if (width < 60 || width === drawn) return;
    drawn = width;
    box.replaceChildren(draw(title, points, format, width, 130));
  }).observe(box);
  return place;
}

function draw(title, points, format, width, height) {
  const left = 58, bottom = height - 18, top = 8, right = width - 8;
  const max = Math.max(...points.map(point => point.value)) || 1;
  const from = points[0].at, to = points[points.length - 1].at || from + 1;
  const x = at => left + (right - left) * (to === from ? 1 : (at - from) / (to - from));
  const y = value => bottom - (bottom - top) * value / (max * 1.05);
  const marks = [0, max / 2, max].map(value => [
    s('line', { class: 'grid', x1: left, x2: right, y1: y(value), y2: y(value) }), s('text', { x: left - 6, y: y(value) + 4, 'text-anchor': 'end' }, format(value))]);
  const times = [[from, 'start'], [to, 'end']].map(([at, anchor]) => s('text', { x: x(at), y: height - 3, 'text-anchor': anchor }, date(at)));
  const path = points.map((point, i) => `${i ? 'L' : 'M'}${x(point.at).toFixed(1)} ${y(point.value).toFixed(1)}`).join('');
  const outliers = points.map((point, i) => isOutlier(points, i) ? i : -1).filter(i => i >= 0);
  const dots = points.map((point, i) => s('circle', { class: outliers.includes(i) ? 'outlier' : 'dot', cx: x(point.at), cy: y(point.value), r: outliers.includes(i) ? 4 : 5 },
    s('title', {}, `${point.name}: ${format(point.value)}${outliers.includes(i) ? ', far from those before' : ''}`)));
  const label = `${title}, from ${format(points[0].value)} on ${date(from)} to ${format(points[points.length - 1].value)} on ${date(to)}; ${plural(outliers.length, 'value')} far from those before.`;
  return s('svg', { width, height, viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label }, marks, times, s('path', { class: 'line', d: path }), dots);
}
