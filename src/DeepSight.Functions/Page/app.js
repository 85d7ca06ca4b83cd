import { $, command, h } from './dom.js';
import { ask, setKey, whenRefused } from './api.js';
import { age, ago, clockSkew, count, date, duration, moment, now, plural, size, whole } from './format.js';
import { calendar, line } from './charts.js';
import { judge } from './verdict.js';
import * as actions from './actions.js';

const PAGE = 20;
const DAY = 86400000;
const state = { overview: null, health: null, migrations: null, backups: [], total: 0, runs: [], plan: new Map(), waiting: new Map(), chosen: new Set(), notices: new Map(), version: null, moreRuns: true };

// ---- notices

function notice(id, e) {
  if (e) state.notices.set(id, e);
  else state.notices.delete(id);
  $('notices').replaceChildren(...[...state.notices.values()].map(({ message, hint }) => h('div', { class: 'notice bad', role: 'alert' }, h('p', {}, message), hint && h('p', {}, `Hint: ${hint}`))));
}

async function load(id, work) {
  try {
    await work();
    notice(id, null);
    return true;
  } catch (e) {
    if (e.status === undefined) throw e;
    if (e.status !== 401) notice(id, e);
    return false;
  }
}

whenRefused(wasSent => {
  $('key').hidden = false;
  $('rest').hidden = true;
  if (wasSent) $('key-why').textContent = 'The key was refused, and is forgotten. Type it in again.';
});

$('key').addEventListener('submit', event => {
  event.preventDefault();
  setKey($('key-text').value.trim());
  $('key-text').value = '';
  start();
});

// ---- the verdict and the facts

function showVerdict(report) {
  const { state: how, sentence, advice } = judge(report);
  const mayAct = !$('rest').hidden;
  const backups = h('button', { type: 'button', id: 'backup-now', onclick: () => actions.backUp(hasS3(), sent) }, 'Back up now');
  const verifies = h('button', { type: 'button', id: 'verify-now', onclick: () => actions.verify(report.last_success.name, sent) }, 'Verify the newest');
  $('verdict').className = `verdict ${how}`;
  const parts = [h('h1', {}, sentence), advice && h('p', {}, `Do this: ${advice}`), mayAct && h('div', { class: 'buttons' }, backups, state.overview?.can_verify && report.last_success && verifies)].filter(Boolean);
  if ($('verdict').textContent !== parts.map(part => part.textContent).join('')) $('verdict').replaceChildren(...parts);
  document.title = `${how === 'good' ? 'Safe' : how === 'bad' ? 'Not safe' : 'Look closer'}: DeepSight`;
}

const hasS3 = () => state.overview?.stores.some(store => store.kind === 'S3') ?? false;
const fact = (name, value, detail, how = '') => h('div', { class: `card fact ${how}` }, h('dt', {}, name), h('dd', {}, h('strong', {}, value), detail && h('span', { class: 'muted' }, detail)));

function meter(report) {
  const { last_success: newest, max_age_hours: limit } = report;
  if (!newest) return fact('Newest backup', 'none', `${limit} h are allowed`, 'bad');
  const hours = (now() - Date.parse(newest.time)) / 3600000;
  const card = fact('Newest backup', `${age(hours * 3600000)} old`, `${limit} h are allowed; ${size(newest.stored_bytes)}`, hours > limit ? 'bad' : '');
  card.dataset.name = newest.name;
  card.lastChild.append(h('meter', { min: 0, max: limit, high: limit * 0.8, optimum: 0, value: Math.min(hours, limit), 'aria-label': `${hours.toFixed(1)} of ${limit} hours` }));
  return card;
}

function schedules(list) {
  const names = { backup: 'backup', retention: 'retention', verify: 'drill' };
  const coming = list.filter(job => job.next).sort((a, b) => Date.parse(a.next) - Date.parse(b.next));
  const card = fact('Next runs', coming.length ? ago(coming[0].next) : 'none', null, coming.some(job => job.job === 'backup') ? '' : 'bad');
  card.lastChild.append(h('ul', { class: 'plain muted' }, list.map(job => h('li', {}, `${names[job.job]}: ${job.next ? moment(job.next).slice(5) : job.off ? `off, ${job.off}` : `'${job.schedule}' can't be read`}`))));
  return card;
}

function databaseFact(health) {
  const { database: db } = health;
  return db.status === 'healthy'
    ? fact('Database', 'answers', `${db.version}, ${size(db.size_mb * 1048576)}, ${db.latency_ms} ms, ${db.active_connections} of ${db.max_connections} connections`)
    : fact('Database', 'does not answer', db.error, 'bad');
}

function migrationFact(health, detail) {
  const known = health.migrations, more = detail?.value;
  if (!more) return fact('Migrations', known.error ? 'not known' : known.pending ? `${known.pending} pending` : known.current_revision ?? 'none', known.error ?? detail?.problem ?? `head ${known.head_revision ?? 'none'}`);
  const drift = [...more.changed.map(id => `${id} changed after it was applied`), ...more.unknown.map(name => `${name} is in no file`), ...more.renamed.map(pair => `${pair.from} is ${pair.to} now`)];
  const card = fact('Migrations', more.pending.length ? `${more.pending.length} pending` : drift.length ? 'drift' : more.is_up_to_date ? 'up to date' : 'behind',
    `at ${more.current_revision ?? 'the base'}, head ${more.head_revision ?? 'none'}`, drift.length || more.pending.length ? 'warn' : '');
  const lines = [...more.pending.map(id => `pending: ${id}`), ...drift, ...more.hold ? [`automatic migration is held since ${more.hold}`] : []];
  if (lines.length) card.lastChild.append(h('ul', { class: 'plain muted' }, lines.slice(0, 6).map(text => h('li', {}, text)), lines.length > 6 && h('li', {}, `and ${lines.length - 6} more`)));
  return card;
}

function queueFact(queues) {
  if (!queues) return fact('Queues', 'not known', 'their storage does not answer', 'warn');
  const waiting = queues.reduce((sum, queue) => sum + queue.waiting, 0), poison = queues.reduce((sum, queue) => sum + queue.poison, 0);
  const card = poison ? fact('Queues', `${poison} given up`, `${waiting} waiting`, 'warn') : fact('Queues', `${waiting} waiting`, 'none given up');
  Object.assign(card.dataset, { waiting, poison });
  return card;
}

function drillFact(report) {
  const drill = report.last_verified;
  const card = drill ? fact('Last drill', ago(drill.at), `restored in ${duration(drill.restore_seconds)}`) : fact('Last drill', 'none', state.overview.can_verify ? 'no backup was restored yet' : 'VERIFY_DATABASE_URL is not set', 'warn');
  if (drill) card.dataset.name = drill.name;
  return card;
}

function showOverview() {
  const { overview } = state;
  $('rest').hidden = false;
  $('key').hidden = true;
  $('database').textContent = overview.database ? `${overview.database}${overview.production ? ', production' : ''}` : 'no database is configured';
  $('version').textContent = `DeepSight ${overview.version}`;
  state.version ??= overview.version;
  notice('version', state.version === overview.version ? null : { message: `The app is version ${overview.version} now; this page is of ${state.version}.`, hint: 'reload the page.' });
  notice('clock', Math.abs(clockSkew()) < 120000 ? null : { message: `This device's clock is off by ${age(Math.abs(clockSkew()))}.`, hint: 'the ages shown here are told by the app’s clock.' });
  showVerdict(overview.freshness);
  showFacts();
  $('calendar').replaceChildren(...calendar(overview));
  $('stores').replaceChildren(storeTable(overview.stores));
}

function showFacts() {
  const { overview, health, migrations } = state;
  if (!overview) return;
  $('facts').replaceChildren(...[meter(overview.freshness), drillFact(overview.freshness), schedules(overview.schedules), queueFact(overview.queues),
    health && databaseFact(health), health && migrationFact(health, migrations)].filter(Boolean));
}

const heads = (...names) => h('thead', {}, h('tr', {}, names.map(name => h('th', { scope: 'col' }, name))));
const cell = (label, ...content) => h('td', { 'data-label': label }, content);

function storeTable(stores) {
  return h('table', { class: 'list' }, h('caption', { class: 'sr' }, 'Stores'), heads('Store', 'Backups', 'Size', 'Newest', 'Lacks', 'Free'), h('tbody', {}, stores.map(store => h('tr', {},
    h('th', { scope: 'row' }, store.kind, h('span', { class: 'muted' }, ` ${store.location}`)),
    store.error ? h('td', { colspan: 5, class: 'bad' }, store.error) : [
      cell('Backups', whole(store.backups)), cell('Size', size(store.stored_bytes)), cell('Newest', store.newest ?? '—'),
      cell('Lacks', store.lacks_count ? h('details', {}, h('summary', {}, plural(store.lacks_count, 'backup')), h('ul', {}, store.lacks.map(name => h('li', {}, name)))) : 'nothing'),
      cell('Free', store.free_bytes == null ? 'no limit known' : size(store.free_bytes))]))));
}

// ---- lines and growth

function showLines(backups) {
  const regular = backups.filter(backup => backup.good && backup.kind !== 'pre-restore').sort((a, b) => Date.parse(a.time) - Date.parse(b.time));
  const of = field => regular.filter(backup => backup[field] != null).map(backup => ({ at: Date.parse(backup.time), value: backup[field], name: backup.name }));
  $('lines').replaceChildren(line('Stored size', of('stored_bytes'), size), line('Rows', of('rows'), count), line('Duration of the backup', of('seconds'), duration));
  $('growth').textContent = growth(regular, state.overview);
}

// Follows the backups day by day as the rule of days keeps them, the next ones growing as the last ones did.
function growth(backups, overview) {
  const recent = backups.filter(backup => now() - Date.parse(backup.time) < 90 * DAY);
  if (recent.length < 3) return 'How fast the backups grow shows after a few of them.';
  const [first, last] = [Date.parse(recent[0].time), Date.parse(recent.at(-1).time)];
  const days = Math.max(1, (last - first) / DAY), perDay = Math.min(24, recent.length / days);
  const mean = recent.reduce((sum, backup) => sum + backup.stored_bytes, 0) / recent.length, middle = (first + last) / 2;
  const spread = recent.reduce((sum, backup) => sum + (Date.parse(backup.time) - middle) ** 2, 0);
  const slope = spread ? recent.reduce((sum, backup) => sum + (Date.parse(backup.time) - middle) * (backup.stored_bytes - mean), 0) / spread * DAY : 0;
  const words = `A backup ${slope < 0 ? 'shrinks' : 'grows'} by about ${size(Math.abs(slope))} a day.`;
  return [words, ...overview.stores.filter(store => store.free_bytes != null).map(store => {
    const kept = backups.filter(backup => backup.where.includes(store.kind));
    let more = 0;
    for (let day = 1; day <= 1095; day++) {
      more += perDay * Math.max(0, mean + slope * ((now() - middle) / DAY + day));
      // What the rule of days lets go: of today's backups, then of those that came since.
      const gone = now() + (day - overview.keep_days) * DAY;
      more -= kept.filter(backup => Date.parse(backup.time) < gone && Date.parse(backup.time) >= gone - DAY).reduce((sum, backup) => sum + backup.stored_bytes, 0);
      if (day > overview.keep_days) more -= perDay * Math.max(0, mean + slope * ((now() - middle) / DAY + day - overview.keep_days));
      if (more > store.free_bytes) return `At this rate ${store.location} is full about ${date(now() + day * DAY)}.`;
    }
    return `At this rate ${store.location} is not full within three years.`;
  })].join(' ');
}

// ---- backups

const proof = backup => backup.verified_at ? h('span', { class: 'good' }, `restored ${ago(backup.verified_at)} (${duration(backup.restore_seconds)})`)
  : backup.untrusted ? h('span', { class: 'bad' }, `untrusted: ${backup.untrusted}`) : backup.good ? 'whole, no drill passed' : h('span', { class: 'warn' }, 'unverified');

function kept(backup) {
  const decision = state.plan.get(backup.name);
  if (backup.pinned) return 'pinned';
  if (!decision) return '…';
  const why = decision.reasons.join(', ');
  return decision.keep ? [decision.until ? `until ${date(decision.until)}: ` : '', why] : h('span', { class: 'warn' }, `goes next: ${why}`);
}

function backupRow(backup) {
  const box = h('input', { type: 'checkbox', 'aria-label': `Compare ${backup.name}`, onchange: () => choose(backup.name, box) });
  box.checked = state.chosen.has(backup.name);
  return h('tr', { 'data-name': backup.name, 'data-bytes': backup.stored_bytes, 'data-rows': backup.rows ?? '', 'data-kind': backup.kind, 'data-where': backup.where.join(' '), 'data-pinned': `${backup.pinned}`, 'data-verified': backup.verified_at ?? '' },
    h('td', { class: 'pick' }, box), h('th', { scope: 'row' }, h('span', { class: 'name' }, backup.name), h('span', { class: 'muted' }, ` ${ago(backup.time)}`)),
    cell('Kind', backup.kind), cell('Size', size(backup.stored_bytes)), cell('Rows', backup.rows == null ? '?' : count(backup.rows)),
    cell('Proof', proof(backup)), cell('Stores', backup.where.join(', ')), cell('Kept', h('span', { class: 'kept' }, kept(backup))),
    h('td', { class: 'buttons' }, h('button', { type: 'button', class: 'small', onclick: () => actions.restore(backup, sent), 'aria-label': `Restore ${backup.name}` }, 'Restore…'),
      state.overview?.can_verify && h('button', { type: 'button', class: 'small', onclick: () => actions.verify(backup.name, sent), 'aria-label': `Verify ${backup.name}` }, 'Verify'),
      h('button', { type: 'button', class: 'small', onclick: () => actions.pin(backup, refresh), 'aria-label': `${backup.pinned ? 'Unpin' : 'Pin'} ${backup.name}` }, backup.pinned ? 'Unpin' : 'Pin')));
}

function choose(name, box) {
  if (box.checked) state.chosen.add(name);
  else state.chosen.delete(name);
  if (state.chosen.size > 2) {
    const [oldest] = state.chosen;
    state.chosen.delete(oldest);
    for (const other of document.querySelectorAll('#backup-table .pick input')) other.checked = state.chosen.has(other.closest('tr').dataset.name);
  }
  $('compare').disabled = state.chosen.size !== 2;
}

function showBackups() {
  const body = h('tbody', {}, state.backups.map(backupRow));
  $('backup-table').replaceChildren(h('caption', { class: 'sr' }, 'Backups, newest first'), heads('', 'Name', 'Kind', 'Size', 'Rows', 'Proof', 'Stores', 'Kept', ''), body);
  $('backup-table').tHead.rows[0].cells[0].append(h('span', { class: 'sr' }, 'Compare'));
  $('backup-table').tHead.rows[0].cells[8].append(h('span', { class: 'sr' }, 'Actions'));
  if (!state.backups.length) body.append(h('tr', {}, h('td', { colspan: 9 }, 'No backups yet. ', command('deepsight backup'))));
  more('backup-table', state.total - state.backups.length, moreBackups);
}

function more(table, left, show) {
  $(table).parentNode.querySelector('.more')?.remove();
  if (left > 0) $(table).after(h('p', { class: 'more' }, h('button', { type: 'button', onclick: event => { event.target.disabled = true; show(); } }, `Show more${left < Infinity ? ` of ${whole(left)} older ones` : ''}`)));
}

const moreBackups = () => load('backups', async () => {
  const page = await ask(`backups?limit=100&offset=${state.backups.length}`);
  const known = new Set(state.backups.map(backup => backup.name));
  const fresh = page.backups.filter(backup => !known.has(backup.name));
  state.backups.push(...fresh);
  $('backup-table').tBodies[0].append(...fresh.map(backupRow));
  more('backup-table', page.total - state.backups.length, moreBackups);
});

const loadBackups = () => load('backups', async () => {
  const page = await ask(`backups?limit=${Math.min(1000, Math.max(PAGE, state.backups.length))}`);
  Object.assign(state, { backups: page.backups, total: page.total });
  notice('stores', page.failures.length ? { message: page.failures.join(' ') } : null);
  showBackups();
});

// Comes when the page can be used already.
const loadHistory = async () => {
  await load('history', async () => showLines((await ask('backups?limit=366')).backups));
  await load('plan', async () => {
    const plan = await ask('plan/retention');
    state.plan = new Map(plan.stores.toReversed().flatMap(store => store.backups.map(backup => [backup.name, backup])));
    for (const row of $('backup-table').tBodies[0].rows) {
      const backup = state.backups.find(one => one.name === row.dataset.name);
      if (backup) row.querySelector('.kept').replaceChildren(...[kept(backup)].flat());
    }
  });
};

// ---- runs

const BAD = new Set(['failed', 'lost']);
const outcome = status => h('span', { class: status === 'succeeded' ? 'good' : BAD.has(status) ? 'bad' : status === 'running' ? 'running' : 'warn' }, status);

function runRow(run) {
  const facts = [run.backup, run.rows != null && `${count(run.rows)} rows`, run.requested_by && `asked for by ${run.requested_by}`, run.mode].filter(Boolean);
  const says = run.error ?? (run.warnings.length ? run.warnings[0] : facts.join(', '));
  const lines = [run.error && facts.length && facts.join(', '), run.hint && `Hint: ${run.hint}`, ...run.warnings.slice(run.error ? 0 : 1), run.pre_restore_backup && `before it: ${run.pre_restore_backup}`,
    run.revisions && `migrations: from ${run.revisions.before ?? 'the base'} to ${run.revisions.after ?? 'the base'}`].filter(Boolean);
  return h('tr', { 'data-id': run.id, 'data-status': run.status, 'data-job': run.job },
    h('th', { scope: 'row' }, moment(run.started_at), h('span', { class: 'muted' }, ` ${ago(run.started_at)}`)), cell('Job', run.job), cell('By', run.trigger), cell('Outcome', outcome(run.status)),
    cell('Took', run.finished_at ? duration((Date.parse(run.finished_at) - Date.parse(run.started_at)) / 1000) : '—'),
    cell('What', h('details', {}, h('summary', {}, says || run.id, run.warnings.length > 0 && h('span', { class: 'warn' }, ` ${plural(run.warnings.length, 'warning')}`)),
      lines.map(text => h('p', {}, text)), command(`deepsight runs ${run.id}`))));
}

function showRuns() {
  const open = new Set([...document.querySelectorAll('#run-table details[open]')].map(detail => detail.closest('tr').dataset.id));
  const rows = state.runs.map(runRow);
  for (const row of rows) if (open.has(row.dataset.id)) row.querySelector('details').open = true;
  $('run-table').replaceChildren(h('caption', { class: 'sr' }, 'Runs, newest first'), heads('Started', 'Job', 'By', 'Outcome', 'Took', 'What'),
    h('tbody', {}, rows.length ? rows : h('tr', {}, h('td', { colspan: 6 }, 'No runs yet.'))));
  more('run-table', state.moreRuns ? Infinity : 0, moreRuns);
  showRunning();
}

function showRunning() {
  const running = state.runs.filter(run => run.status === 'running');
  const items = [
    ...[...state.waiting].map(([id, job]) => h('li', { class: 'card', 'data-id': id }, h('strong', {}, job), ' is asked for, and waits on its queue')),
    ...running.map(run => {
      const p = run.progress;
      const detail = p && [p.table, p.stored_bytes > 0 && size(p.stored_bytes), p.ends_at && `about ${duration(Math.max(0, (Date.parse(p.ends_at) - now()) / 1000))} left`].filter(Boolean).join(', ');
      return h('li', { class: 'card', 'data-id': run.id }, h('strong', {}, run.job), ` ${run.backup ?? ''} for ${duration(Math.max(0, (now() - Date.parse(run.started_at)) / 1000))}: ${p?.phase ?? 'begun'}`,
        detail && h('span', { class: 'muted' }, ` ${detail}`), p?.done != null ? h('progress', { max: 1, value: p.done, 'aria-label': `${run.job}, ${p.phase}` }) : h('progress', { 'aria-label': run.job }));
    }),
  ];
  $('now').hidden = items.length === 0;
  $('now').querySelector('ul').replaceChildren(...items);
}

const runsAt = (offset, limit) => ask(`runs?limit=${limit}&offset=${offset}${$('job').value ? `&job=${$('job').value}` : ''}`);

const moreRuns = () => load('runs', async () => {
  const page = await runsAt(state.runs.length, 100);
  const known = new Set(state.runs.map(run => run.id));
  const fresh = page.runs.filter(run => !known.has(run.id));
  state.runs.push(...fresh);
  state.moreRuns = page.runs.length === 100;
  $('run-table').tBodies[0].append(...fresh.map(runRow));
  more('run-table', state.moreRuns ? Infinity : 0, moreRuns);
});

// True when a run has ended since the last look.
async function loadRuns() {
  const before = new Map(state.runs.map(run => [run.id, run.status]));
  const ok = await load('runs', async () => {
    const limit = Math.min(200, Math.max(PAGE, state.runs.length));
    const page = await runsAt(0, limit);
    state.runs = page.runs;
    state.moreRuns = page.runs.length === limit;
    for (const run of state.runs) state.waiting.delete(run.id);
    showRuns();
  });
  return ok && state.runs.some(run => run.status !== 'running' && before.size > 0 && before.get(run.id) !== run.status);
}

// ---- poison

const loadPoison = () => load('poison', async () => {
  const any = state.overview?.queues?.some(queue => queue.poison);
  const messages = any ? (await ask('poison')).messages : [];
  $('poison').hidden = messages.length === 0;
  $('poison').querySelector('.card').replaceChildren(h('ul', { class: 'plain' }, messages.map(message => h('li', { 'data-id': message.id },
    h('p', {}, `${message.queue}, given up ${ago(message.since)}`), h('pre', { tabindex: 0 }, message.text),
    h('div', { class: 'buttons' }, h('button', { type: 'button', class: 'small', onclick: () => actions.settle(message, true, refresh) }, 'Put back…'), h('button', { type: 'button', class: 'small', onclick: () => actions.settle(message, false, refresh) }, 'Discard…'))))));
});

// ---- together

let lastLook = 0;
async function loadOverview() {
  lastLook = Date.now();
  const ok = await load('overview', async () => {
    state.overview = await ask('overview');
    showOverview();
  });
  if (ok) await loadPoison();
  return ok;
}

const loadHealth = () => load('health', async () => { state.health = await ask('health/db', { accept: [503] }); showFacts(); });

async function loadMigrations() {
  try {
    state.migrations = { value: await ask('migrations') };
  } catch (e) {
    if (e.status === undefined) throw e;
    state.migrations = { problem: e.message };
  }
  showFacts();
}

function sent(message, job) {
  $('job').value = '';
  state.waiting.set(message.request_id, job);
  showRunning();
  schedule(1000);
}

// After the runs: it knows of each that has ended.
async function refresh() {
  await Promise.all([loadOverview(), loadBackups()]);
  await Promise.all([loadHistory(), loadHealth(), loadMigrations()]);
}

let timer;
const schedule = wait => { clearTimeout(timer); timer = setTimeout(tick, wait); };

async function tick() {
  if (document.hidden) return schedule(30000);
  if (!$('rest').hidden) {
    if (await loadRuns()) await refresh();
    else if (Date.now() - lastLook > 60000) await Promise.all([loadOverview(), loadHealth()]);
  } else await verdictOnly();
  schedule(state.waiting.size || state.runs.some(run => run.status === 'running') ? 2500 : 20000);
}

const verdictOnly = () => load('overview', async () => {
  const report = await ask('health/backup', { accept: [503] });
  if ($('rest').hidden) showVerdict(report);
});

// Anyone may have the verdict; the rest needs the key where one is set.
async function start() {
  const others = [verdictOnly(), loadHealth()];
  await loadRuns();
  const [known] = await Promise.all([loadOverview(), loadBackups(), ...others]);
  if (!known) return schedule(20000);
  showBackups();
  $('rest').dataset.ready = 'true';
  loadHistory();
  loadMigrations();
  schedule(2500);
}

$('compare').addEventListener('click', () => actions.compare([...state.chosen]));
$('retention').addEventListener('click', actions.retention);
$('undo').addEventListener('click', () => actions.undo(sent));
$('job').addEventListener('change', () => { state.runs = []; loadRuns(); });
document.addEventListener('visibilitychange', () => { if (!document.hidden) schedule(0); });
setInterval(() => { $('stand').textContent = `as of ${new Date(now()).toISOString().slice(11, 19)}`; }, 1000);
start();
