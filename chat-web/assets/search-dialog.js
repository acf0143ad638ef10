// The dialog to search messages, and to read a message together with those around it.

import { request } from './client.js';
import { attempt, openDialog } from './dialogs.js';
import { byId, make, setText } from './dom.js';
import { closeDrawer } from './drawers.js';
import { formattedLine } from './markdown.js';
import { reveal } from './messages-view.js';
import { bareChannel, channelTitle, privateKey } from './names.js';
import { store } from './store.js';
import { keyOf } from './timeline.js';
import { dayName, fullTime, timeOfDay } from './time.js';
import { counted, sentence } from './words.js';

/** The number of messages that are shown around the one that was found. */
const CONTEXT = 31;

const dialog = byId('search-dialog');
const field = byId('search-text');
const results = byId('search-results');
const more = byId('search-more');

/** The search whose results are shown, and where its next page begins. */
let current = null;
let next = null;
/** The results, while a message is shown with those around it. */
let before = null;
/** Counts the requests: the answer to an earlier one is not shown. */
let asked = 0;

/** Opens the dialog, and searches if there is a text. Filters are as in `/search`. */
export function openSearch(text = '') {
  closeDrawer();
  const filters = { in: '', from: '', after: '', before: '' };
  const words = text.split(/\s+/u).filter((word) => {
    const [, name, value] = /^(in|from|after|before):(.+)$/u.exec(word) ?? [];
    if (name) filters[name] = value;
    return !name;
  });
  field.value = words.join(' ');
  listPlaces(filters.in && (store.channel(filters.in)?.title ?? channelTitle(filters.in)));
  byId('search-from').value = filters.from;
  byId('search-after').value = filters.after;
  byId('search-before').value = filters.before;
  forget();
  openDialog('search-dialog');
  field.select();
  if (words.length > 0) search();
}

/**
 * Lists the channels that the user may search, and selects the named one. The server refuses it if
 * the user is not in it.
 */
function listPlaces(named) {
  const titles = store.channels().filter(({ joined }) => joined).map(({ title }) => title);
  if (named && !titles.includes(named)) titles.push(named);
  byId('search-in').replaceChildren(
    make('option', { value: '', text: 'Everywhere' }),
    ...titles.map((title) => make('option', { value: title, text: title })),
  );
  byId('search-in').value = named;
}

function forget() {
  asked += 1;
  current = next = before = null;
  results.replaceChildren();
  more.hidden = true;
  byId('search-back').hidden = true;
  say('');
}

function search() {
  forget();
  // A date stands for its beginning where the user is.
  const time = (id) => {
    const { value } = byId(id);
    return value ? new Date(`${value}T00:00`).toISOString() : undefined;
  };
  current = {
    type: 'search',
    text: field.value,
    channel: byId('search-in').value || undefined,
    from: byId('search-from').value.trim() || undefined,
    after: time('search-after'),
    before: time('search-before'),
  };
  return fetchPage();
}

/** Fetches a page of results, and adds it to those that are shown. */
async function fetchPage() {
  const turn = (asked += 1);
  say('Searching…');
  more.disabled = true;
  const done = await attempt('search-error', async () => {
    const page = await request({ ...current, older_than: next ?? undefined });
    if (turn !== asked) return;
    next = page.more ? page.older_than : null;
    results.append(...page.messages.map(result));
    const found = counted(results.childElementCount, 'message');
    say(next === null ? `${found} found.` : `${found} found so far.`);
  });
  if (turn !== asked) return;
  more.disabled = false;
  more.hidden = next === null;
  if (!done) say('');
}

const place = ({ channel, nickname, to }) =>
  channel ? channelTitle(channel) : `${nickname} → ${to}`;

function when({ at }) {
  const time = Date.parse(at);
  const text = `${dayName(time)}, ${timeOfDay(time)}`;
  return make('time', { datetime: at, title: fullTime(time), text });
}

function result(message) {
  const button = make(
    'button',
    { type: 'button', 'data-found': message.id },
    make('bdi', { class: 'name', text: message.nickname }),
    make('span', { class: 'where' }, make('bdi', { text: place(message) }), ' · ', when(message)),
    make('span', { class: 'said', text: message.text, dir: 'auto' }),
  );
  button.addEventListener('click', () => show(message, button));
  return make('li', {}, button);
}

/** Goes to a message in its conversation if the page has it, or shows it with those around it. */
async function show(message, button) {
  const conversation = conversationOf(message);
  if (conversation?.timeline.get(keyOf(message))) {
    dialog.close();
    reveal(conversation, keyOf(message));
    return;
  }
  const turn = (asked += 1);
  await attempt('search-error', async () => {
    const where = message.channel ? { channel: message.channel } : { to: other(message) };
    const page = await request({ type: 'history', ...where, around: message.id, limit: CONTEXT });
    if (turn !== asked) return;
    before = { nodes: [...results.children], hasMore: next !== null, button };
    const items = page.messages.map((one) => line(one, one.id === message.id));
    results.replaceChildren(...items);
    more.hidden = true;
    byId('search-back').hidden = false;
    say(`Messages around that of ${message.nickname} in ${place(message)}.`);
    const found = results.querySelector('[data-target]');
    found?.scrollIntoView({ block: 'center' });
    found?.focus();
  });
}

/** Returns a message of the context. */
function line(message, isTarget) {
  return make(
    'li',
    { 'data-context': message.id, 'data-target': isTarget, tabindex: isTarget && '-1' },
    make('bdi', { class: 'name', text: message.nickname }),
    make('span', { class: 'where' }, when(message)),
    make('span', { class: 'said', dir: 'auto' }, ...formattedLine(message.text)),
  );
}

function back() {
  if (!before) return;
  const { nodes, hasMore, button } = before;
  before = null;
  results.replaceChildren(...nodes);
  more.hidden = !hasMore;
  byId('search-back').hidden = true;
  say(`${counted(nodes.length, 'message')} found${hasMore ? ' so far' : ''}.`);
  button.focus();
}

const other = (message) => (store.isMine(message) ? message.to : message.nickname);

function conversationOf(message) {
  if (message.channel) return store.channel(bareChannel(message.channel));
  return store.conversations.get(privateKey(other(message)));
}

const say = (text) => (byId('search-note').textContent = text);

export function startSearch() {
  byId('search-form').addEventListener('submit', (event) => {
    event.preventDefault();
    setText(byId('search-error'), '');
    if (field.value.trim()) search();
    else setText(byId('search-error'), sentence('type something to look for'));
  });
  more.addEventListener('click', fetchPage);
  byId('search-back').addEventListener('click', back);
}
