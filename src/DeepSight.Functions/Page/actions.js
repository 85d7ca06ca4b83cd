import { $, command, h } from './dom.js';
import { address, ask, newId } from './api.js';
import { ago, count, moment, plural, size, whole } from './format.js';

// What the page can do. Each asks once, and shows the command that does the same.

const failure = e => h('div', { class: 'notice bad', role: 'alert' }, h('p', {}, e.message), e.hint && h('p', {}, `Hint: ${e.hint}`));
const quoted = text => /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
const databaseOf = plan => plan.target.slice(plan.target.indexOf('/') + 1);
const pairs = rows => h('dl', { class: 'pairs' }, rows.filter(row => row && row[1] != null).map(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]));
const order = (path, id, body) => ask(path, { method: 'POST', body: { ...body, request_id: id, requested_by: 'dashboard' } });
const curl = (method, path) => `curl -X ${method} -H "x-functions-key: $DEEPSIGHT_FUNCTION_KEY" ${address(path)}`;

function open(title, ...content) {
  const dialog = $('dialog');
  const close = h('button', { type: 'button', onclick: () => dialog.close() }, 'Close');
  dialog.replaceChildren(h('h2', { id: 'dialog-title' }, title), h('div', {}, content), h('div', { class: 'buttons end' }, close));
  if (!dialog.open) dialog.showModal();
  return { dialog, close };
}

// Asks; `typed` has to be typed in first. A second click on the button does nothing.
function confirm({ title, content = [], command: same, typed, label, danger, act }) {
  const { dialog, close } = open(title, content);
  const go = h('button', { type: 'button', class: danger ? 'danger' : 'primary', disabled: !!typed }, label);
  const place = h('div');
  const input = typed && h('input', { id: 'typed', autocomplete: 'off', spellcheck: 'false', oninput: () => { go.disabled = input.value !== typed; } });
  close.textContent = 'Cancel';
  close.before(go);
  close.parentNode.before(
    ...(typed ? [h('p', { class: 'typed' }, h('label', { for: 'typed' }, 'This is production. Type the database’s name to confirm: ', h('strong', {}, typed)), input)] : []),
    place, ...(same ? [h('p', { class: 'muted' }, 'The same by command:'), command(same)] : []));
  go.addEventListener('click', async () => {
    go.disabled = true;
    place.replaceChildren();
    try {
      await act();
      dialog.close();
    } catch (e) {
      place.replaceChildren(failure(e));
      go.disabled = false;
    }
  });
  (input ?? go).focus({ preventScroll: true });
}

// Opens at once, and shows the plan when it has come.
async function planned(title, path, show, choice) {
  open(title, h('p', { role: 'status' }, 'Making the plan. Nothing is touched…'));
  const mine = $('dialog-title');
  try {
    const plan = await ask(path);
    if ($('dialog').open && mine.isConnected) show(plan);
  } catch (e) {
    if (mine.isConnected) open(title, choice, failure(e));
  }
}

export const backUp = (hasS3, sent) => {
  const id = newId();
  confirm({
    title: 'Back up now?', label: 'Back up', command: `deepsight backup${hasS3 ? ' --upload' : ''}`,
    content: [h('p', {}, 'Takes a backup of the database as it is now. It runs in the app; this page can be closed meanwhile.')],
    act: async () => sent(await order('backups', id), 'backup'),
  });
};

export const verify = (name, sent) => {
  const id = newId();
  confirm({
    title: 'Verify this backup?', label: 'Verify', command: `deepsight verify ${quoted(name)}`,
    content: [h('p', {}, 'Restores ', h('code', {}, name), ' into a scratch database, compares every table with its manifest, and drops it again. The database itself is not touched.')],
    act: async () => sent(await order('verifications', id, { backup: name }), 'verify'),
  });
};

export const pin = (backup, done) => confirm({
  title: backup.pinned ? 'Unpin this backup?' : 'Pin this backup?', label: backup.pinned ? 'Unpin' : 'Pin', command: `deepsight ${backup.pinned ? 'unpin' : 'pin'} ${quoted(backup.name)}`,
  content: [h('p', {}, h('code', {}, backup.name), backup.pinned ? ' is given back to retention, which may delete it.' : ' is kept until it is unpinned: retention does not delete it.')],
  act: async () => { await ask(`backups/${encodeURIComponent(backup.name)}/pin`, { method: backup.pinned ? 'DELETE' : 'POST' }); done(); },
});

export const retention = () => planned('What retention would delete', 'plan/retention', plan => {
  const stores = plan.stores.map(store => {
    const going = store.backups.filter(backup => !backup.keep);
    return [h('h3', {}, store.location),
      h('p', {}, `${whole(store.backups.length - going.length)} stay, ${whole(going.length)} would go (${size(going.reduce((sum, backup) => sum + backup.stored_bytes, 0))}).`),
      going.length > 0 && h('ul', {}, going.slice(0, 50).map(backup => h('li', {}, h('code', {}, backup.name), `: ${backup.reasons.join(', ')}`)), going.length > 50 && h('li', {}, `and ${whole(going.length - 50)} more`)),
      store.warnings.map(warning => h('p', { class: 'warn' }, warning))];
  });
  open('What retention would delete', stores.flat(), ...plan.databases.map(line => h('p', {}, line)), ...plan.failures.map(failed => failure({ message: failed.error, hint: failed.hint })),
    h('p', { class: 'muted' }, 'A plan: nothing was deleted. The same by command:'), command('deepsight retention --dry-run'));
});

export function restore(backup, sent, mode = '', into = '') {
  const id = newId();
  const title = `Restore ${backup.name}`;
  const clean = mode === 'in-place';
  const path = `plan/restore?backup=${encodeURIComponent(backup.name)}&mode=${mode}&into=${encodeURIComponent(into)}&clean=${clean}`;
  const target = h('select', { id: 'where' }, [['', 'in place of the database'], ['in-place', 'into the database itself, in one transaction'], ['into', 'into a new database beside it']].map(([value, text]) => h('option', { value, selected: value === mode }, text)));
  target.addEventListener('change', () => restore(backup, sent, target.value, target.value === 'into' ? backup.name.replace(/^.*\/|\..*$/g, '') : ''));
  const choice = h('p', {}, h('label', { for: 'where' }, 'Restore '), target);
  return planned(title, path, plan => {
    const database = databaseOf(plan);
    confirm({
      title, danger: !into, typed: plan.production ? database : null,
      label: into ? `Restore into ${plan.result_name}` : `Replace ${database}`,
      command: `deepsight enqueue restore ${quoted(backup.name)}${mode && ` --mode ${mode}`}${clean ? ' --clean' : ''}${into && ` --into ${quoted(into)}`}${plan.production ? ' --confirm --confirm-space' : ''}`,
      content: [
        choice,
        pairs([
          ['from', `${plan.backup}${plan.taken_at ? `, of ${moment(plan.taken_at)} UTC (${ago(plan.taken_at)})` : ''}, ${size(plan.stored_bytes)}${plan.rows == null ? '' : `, ${count(plan.rows)} rows`}`],
          ['proof', plan.proven_at ? `restored in a drill ${ago(plan.proven_at)}` : 'no drill has restored it'],
          ['into', `${plan.target}, PostgreSQL ${plan.server_version}${plan.database_bytes == null ? '' : `, ${size(plan.database_bytes)}`}, ${plural(plan.connections, 'connection')}${plan.production ? `: PRODUCTION (${plan.production})` : ''}`],
          ['how', plan.mode === 'swap' ? `a new database, verified, renamed into place; what is there now stays as ${plan.previous_name}, for an undo` : plan.mode === 'into' ? `a new database ${plan.result_name}; nothing else is touched` : 'in one transaction, in place'],
          ['first', plan.backs_up_first ? 'a backup of what is there now' : null],
          ['space', `up to ${size(plan.space_needed)} beside what is there`],
        ]),
        !into && plan.taken_at && h('p', { class: 'warn' }, `What was written after ${moment(plan.taken_at)} UTC will not be in ${database} any more.`),
        plan.warnings.map(warning => h('p', { class: 'warn' }, warning)),
      ],
      act: async () => sent(await order('restores', id, { backup: backup.name, mode: plan.mode, clean, ...into && { into }, confirm: !!plan.production, confirm_space: !!plan.production }), 'restore'),
    });
  }, choice);
}

export const undo = sent => planned('Undo the last restore', 'plan/undo', plan => {
  const id = newId();
  const database = databaseOf(plan);
  confirm({
    title: 'Undo the last restore', label: `Bring ${database} back`, danger: true, typed: plan.production ? database : null,
    command: `deepsight restore --undo${plan.production ? ' --confirm' : ''}`,
    content: [
      pairs([
        ['back', `${plan.previous}, which ${plan.backup ?? 'an undo'} replaced at ${moment(plan.replaced_at)} UTC (${ago(plan.replaced_at)})`],
        ['into', `${plan.target}, ${plural(plan.connections, 'connection')}; its present content is set aside, so that the undo can be undone`],
      ]),
      plan.warning && h('p', { class: 'warn' }, plan.warning),
    ],
    act: async () => sent(await order('undos', id, { previous: plan.previous, confirm: !!plan.production }), 'undo'),
  });
});

export const settle = (message, requeue, done) => confirm({
  title: requeue ? 'Put it back on its queue?' : 'Discard this message?', label: requeue ? 'Put back' : 'Discard', danger: !requeue,
  content: [h('p', {}, requeue ? `It goes back to ${message.queue} and is tried again.` : 'It is deleted for good.'), h('pre', { tabindex: 0 }, message.text)],
  command: curl(requeue ? 'POST' : 'DELETE', `poison/${encodeURIComponent(message.id)}`),
  act: async () => { await ask(`poison/${encodeURIComponent(message.id)}`, { method: requeue ? 'POST' : 'DELETE' }); done(); },
});

// Table by table, of two backups, the older one first.
export async function compare(names) {
  open('What changed', h('p', { role: 'status' }, 'Reading both manifests…'));
  const mine = $('dialog-title');
  try {
    const [a, b] = (await Promise.all(names.map(name => ask(`backups/${encodeURIComponent(name)}`)))).sort((one, other) => Date.parse(one.time) - Date.parse(other.time));
    if (!mine.isConnected) return;
    const before = new Map(a.tables.map(table => [table.name, table])), after = new Map(b.tables.map(table => [table.name, table]));
    const rows = [...new Set([...before.keys(), ...after.keys()])].sort().map(name => {
      const [x, y] = [before.get(name), after.get(name)];
      const what = !x ? 'new' : !y ? 'gone' : x.checksum === y.checksum && x.rows === y.rows ? null : x.rows === y.rows ? 'content' : `${y.rows > x.rows ? '+' : '−'}${whole(Math.abs(y.rows - x.rows))} rows`;
      return what && h('tr', {}, h('th', { scope: 'row' }, name), h('td', { class: 'number', 'data-label': 'before' }, x ? whole(x.rows) : '—'), h('td', { class: 'number', 'data-label': 'after' }, y ? whole(y.rows) : '—'), h('td', { 'data-label': 'changed' }, what));
    }).filter(Boolean);
    const same = before.size + after.size > 0 && rows.length === 0;
    const schema = a.statements.checksum === b.statements.checksum ? 'The schema is the same.'
      : `The schema’s statements differ (${whole(a.statements.count)} before, ${whole(b.statements.count)} after)${a.server_version === b.server_version ? '' : '; so do the server’s versions, and each words some in its own way'}.`;
    open('What changed', h('p', {}, 'From ', h('code', {}, a.name), ' to ', h('code', {}, b.name), `: ${whole(a.rows)} rows, then ${whole(b.rows)}.`),
      h('p', {}, schema, a.migrations?.current_revision !== b.migrations?.current_revision && ` Migrations: ${a.migrations?.current_revision ?? 'none'}, then ${b.migrations?.current_revision ?? 'none'}.`,
        a.values.checksum !== b.values.checksum && ' Sequences or large objects changed.'),
      same ? h('p', {}, `All ${plural(after.size, 'table')} hold the same rows.`)
        : h('table', { class: 'list' }, h('caption', { class: 'sr' }, 'Tables that changed'), h('thead', {}, h('tr', {}, ['Table', 'Rows before', 'Rows after', 'Changed'].map(text => h('th', { scope: 'col' }, text)))), h('tbody', {}, rows)),
      !same && h('p', { class: 'muted' }, `${whole([...after.keys()].length - rows.filter(row => row.lastChild.textContent !== 'gone').length)} other tables hold the same rows.`));
  } catch (e) {
    if (mine.isConnected) open('What changed', failure(e));
  }
}
