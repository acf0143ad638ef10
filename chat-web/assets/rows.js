// From the entries of a conversation to what stands on the page, one row after the other.
//
// A row's key has two parts: which entry it is, and after a `|` how it looks. A row that looks different is another row.

import { make } from './dom.js';
import { linkified } from './linkify.js';
import { hue, initial } from './names.js';
import { discard, retry } from './outbox.js';
import { store } from './store.js';
import { dayName, dayOf, fullTime, timeOfDay } from './time.js';
import { sentence } from './words.js';

/** Messages of one person within this time stand together. */
const TOGETHER = 5 * 60_000;

/** The rows of a conversation: `key`, `create`, and `update` for those that can change. */
export function timelineRows(conversation) {
  const rows = [];
  let day = null;
  let before = null;
  for (const entry of conversation.timeline.entries) {
    if (entry.type === 'move' && !store.movesShown) continue;
    if (entry.type === 'message' && dayOf(entry.time) !== day) {
      day = dayOf(entry.time);
      rows.push(dayRow(entry.time, day));
      before = null;
    }
    if (entry.key === conversation.marker) {
      rows.push(markerRow());
      before = null;
    }
    if (entry.type !== 'message') {
      rows.push(lineRow(entry));
      before = null;
      continue;
    }
    const first = !before || !belongTogether(before, entry);
    rows.push(messageRow(entry, first));
    before = entry;
  }
  return rows;
}

export function outgoingRows(conversation) {
  return conversation.outgoing.map((entry) => ({
    key: `${entry.id}|${entry.failed ?? ''}`,
    create: () => outgoingNode(entry),
  }));
}

const belongTogether = (one, other) =>
  one.nickname === other.nickname && other.time - one.time < TOGETHER;

function messageRow(entry, first) {
  return {
    key: `${entry.key}|${first ? 'first' : ''}`,
    create() {
      const node = make('div', {
        class: `message ${first ? 'first' : ''} ${hue(entry.nickname)}`,
        'data-message-id': entry.id,
        'data-author': entry.nickname,
        'data-kind': entry.kind,
        'data-mentioned': entry.mentioned,
      });
      if (first) node.append(avatar(entry.nickname), byline(entry));
      else node.append(time(entry), make('span', { class: 'visually-hidden', text: `${entry.nickname}: ` }));
      node.append(make('div', { class: 'text', dir: 'auto' }, ...words(entry)));
      node.words = entry.text;
      return node;
    },
    update(node) {
      if (node.words === entry.text) return;
      node.words = entry.text;
      node.querySelector('.text').replaceChildren(...words(entry));
    },
  };
}

/** What was said, as text with links in it. */
function words({ kind, nickname, text }) {
  const said = linkified(text);
  if (kind === 'action') return [make('bdi', { text: nickname }), ' ', ...said];
  return said;
}

const avatar = (nickname) =>
  make('span', { class: 'avatar', 'aria-hidden': 'true', text: initial(nickname) });

const byline = (entry) =>
  make('div', { class: 'byline' }, make('bdi', { class: 'author', text: entry.nickname }), time(entry));

const time = (entry) =>
  make('time', { datetime: entry.at, title: fullTime(entry.time), text: timeOfDay(entry.time) });

function lineRow(entry) {
  return {
    key: entry.key,
    create(runAction) {
      const tone = entry.tone === 'error' ? 'error' : '';
      const properties = { class: `line ${entry.type} ${tone}`, 'data-line': entry.type };
      if (entry.type !== 'note') {
        return make('p', { ...properties, title: fullTime(entry.time), text: entry.text, dir: 'auto' });
      }
      const { action } = entry;
      const onclick = action && (() => runAction(action.command));
      const button = action && make('button', { type: 'button', text: action.label, onclick });
      const words = make('div', { text: entry.text, dir: 'auto' });
      return make('div', properties, make('div', {}, words, list(entry.items), button));
    },
  };
}

/** A list of names, each with what there is to say about it. */
const list = (items) =>
  items &&
  make(
    'dl',
    {},
    ...items.flatMap(([name, words]) => [
      make('dt', { text: name }),
      make('dd', { text: words, dir: 'auto' }),
    ]),
  );

const dayRow = (at, day) => ({
  key: `day-${day}|${dayName(at)}`,
  create: () => make('div', { class: 'rule', 'data-day': day, text: dayName(at) }),
});

const markerRow = () => ({
  key: 'marker',
  create: () => make('div', { class: 'rule new', 'data-marker': true, text: 'New' }),
});

function outgoingNode(entry) {
  const state = entry.failed ? 'failed' : 'sending';
  const said = { ...entry, nickname: store.me };
  const node = make(
    'div',
    { class: 'message first', 'data-outgoing': state, 'data-kind': entry.kind },
    make('div', { class: 'text', dir: 'auto' }, ...words(said)),
  );
  if (entry.failed) node.append(failure(entry));
  return node;
}

const failure = (entry) =>
  make(
    'div',
    { class: 'failure', role: 'alert' },
    make('span', { text: `Not sent. ${sentence(entry.failed)}` }),
    make('button', { class: 'retry', type: 'button', text: 'Send again', onclick: () => retry(entry) }),
    make('button', { class: 'discard', type: 'button', text: 'Discard', onclick: () => discard(entry) }),
  );
