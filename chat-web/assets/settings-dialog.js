// The dialog of a channel: its modes, and its lists of bans, mutes and exceptions. Operators change
// them, other members read them.

import { listEntries, setModes, showModes, unlist } from './actions.js';
import { attempt, dialogHead, openDialog, startDialog } from './dialogs.js';
import { byId, make, phraseNodes, setText } from './dom.js';
import { secondsOf, writtenTime } from './modes.js';
import { fold } from './names.js';
import { store } from './store.js';
import { fullTime } from './time.js';
import { isolated, phrase } from './words.js';

/** The modes that are on or off, with their explanations. */
const SWITCHES = {
  secret: 'Secret: only members can see that the channel exists',
  invite_only: 'Only invited users may join',
  moderated: 'Only operators and members with voice may write',
  members_only: 'Only members may write',
  operator_topic: 'Only operators may set the topic',
  no_ctcp: 'Programs of IRC may not ask members for their version, time and the like (CTCP)',
};

const LISTS = {
  bans: 'Bans',
  mutes: 'Mutes',
  exceptions: 'Exceptions to bans and mutes',
  mute_exceptions: 'Exceptions to mutes',
  invite_exceptions: 'Users who need no invitation',
};

let channel = null;
let role = 'member';

/** Opens the dialog for the active channel. */
export async function openSettings() {
  channel = store.active;
  if (!channel?.isChannel) return;
  role = channel.members.get(fold(store.me))?.role ?? 'member';
  byId('settings-heading').textContent = `Settings of ${isolated(channel.title)}`;
  const mayChange = role === 'operator' || role === 'owner';
  byId('settings-modes').disabled = true;
  byId('settings-keep').disabled = role !== 'owner';
  byId('settings-go').hidden = !mayChange;
  const note = mayChange ? '' : 'Operators of the channel change these settings.';
  setText(byId('settings-note'), note);
  for (const list of document.querySelectorAll('#settings-lists details')) list.open = false;
  openDialog('settings-dialog');
  await attempt('settings-error', async () => {
    fill(await showModes(channel));
    byId('settings-modes').disabled = !mayChange;
  });
}

function fill(modes) {
  for (const name of Object.keys(SWITCHES)) byId(`settings-${name}`).checked = modes[name];
  byId('settings-key').value = modes.key ?? '';
  byId('settings-limit').value = modes.limit ?? '';
  const { keep_seconds: keep } = modes;
  byId('settings-keep').value = keep === undefined ? '' : writtenTime(keep);
  before = read();
}

/** The modes as the server has them. */
let before = {};

/** Returns the modes of the form. */
function read() {
  const modes = {};
  for (const name of Object.keys(SWITCHES)) modes[name] = byId(`settings-${name}`).checked;
  modes.key = byId('settings-key').value || null;
  const limit = byId('settings-limit').value;
  modes.limit = limit === '' ? null : Number(limit);
  const keep = byId('settings-keep').value.trim();
  modes.keep_seconds = keep === '' ? null : secondsOf(keep);
  return modes;
}

async function save(event) {
  event.preventDefault();
  const done = await attempt('settings-error', async () => {
    const modes = read();
    if (modes.keep_seconds === undefined) throw new Error('a time is 90d, 12h, 30m or 45s');
    const changed = Object.entries(modes).filter(([name, value]) => before[name] !== value);
    if (changed.length > 0) await setModes(channel, Object.fromEntries(changed));
  });
  if (done) byId('settings-dialog').close();
}

/** Reads a list of the channel when it is opened. */
async function draw(details) {
  const items = details.querySelector('ul');
  const { list } = details.dataset;
  await attempt('settings-error', async () => {
    const { entries, count } = await listEntries(channel, list);
    const omitted = count - entries.length;
    items.replaceChildren(
      ...entries.map((entry) => item(list, entry, details)),
      ...(count === 0 ? [make('li', { class: 'muted', text: 'Nobody.' })] : []),
      ...(omitted > 0 ? [make('li', { class: 'muted', text: `and ${omitted} more` })] : []),
    );
    details.querySelector('summary').textContent = `${LISTS[list]} (${count})`;
  });
}

function item(list, entry, details) {
  const { nickname, mask, by, at, reason } = entry;
  const name = nickname ?? mask;
  const words = reason ? phrase` by ${by}: ${reason}` : phrase` by ${by}`;
  const remove = async () => {
    if (await attempt('settings-error', () => unlist(channel, list, entry))) await draw(details);
    details.querySelector('summary').focus();
  };
  const button = make('button', {
    type: 'button',
    class: 'quiet',
    text: 'Remove',
    'aria-label': `Remove ${isolated(name)}`,
    onclick: remove,
  });
  return make(
    'li',
    { 'data-entry': name },
    make('bdi', { class: 'name', text: name }),
    make('span', { class: 'muted', title: fullTime(Date.parse(at)) }, ...phraseNodes(words)),
    (role === 'operator' || role === 'owner') && button,
  );
}

function field(name, label, properties) {
  const id = `settings-${name}`;
  const input = make('input', { id, autocomplete: 'off', spellcheck: 'false', ...properties });
  return make('div', { class: 'field' }, make('label', { for: id, text: label }), input);
}

function check(name, label) {
  const box = make('input', { id: `settings-${name}`, type: 'checkbox' });
  return make('label', { class: 'check' }, box, label);
}

/** Builds the dialog, the first time that it is opened. */
export function startSettings() {
  const switches = Object.entries(SWITCHES).map(([name, label]) => check(name, label));
  const modes = make(
    'fieldset',
    { id: 'settings-modes' },
    make('legend', { class: 'visually-hidden', text: 'Modes' }),
    ...switches,
    make(
      'div',
      { class: 'row' },
      field('key', 'Key to join', { maxlength: '64', autocapitalize: 'none' }),
      field('limit', 'Most members', { type: 'number', min: '1', max: '999999999' }),
      field('keep', 'Keep messages for', { placeholder: 'always, or 90d', maxlength: '12' }),
    ),
  );
  const lists = Object.entries(LISTS).map(([list, label]) =>
    make(
      'details',
      { 'data-list': list, ontoggle: ({ target }) => target.open && draw(target) },
      make('summary', { text: label }),
      make('ul', { 'aria-label': label }),
    ),
  );
  const dialog = make(
    'dialog',
    { id: 'settings-dialog', 'aria-labelledby': 'settings-heading' },
    dialogHead('settings-heading', ''),
    make(
      'div',
      { class: 'scrolling' },
      make(
        'form',
        { id: 'settings-form', class: 'stacked', novalidate: true, onsubmit: save },
        make('p', { id: 'settings-note', class: 'muted' }),
        modes,
        make('p', { id: 'settings-error', class: 'error', role: 'alert', hidden: true }),
        make('button', { id: 'settings-go', class: 'primary', type: 'submit', text: 'Save' }),
      ),
      make('div', { id: 'settings-lists' }, ...lists),
    ),
  );
  document.body.append(dialog);
  startDialog(dialog);
}
