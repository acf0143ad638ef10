// Makes the rows of the page from the entries of a conversation.
//
// A row has a `key`, `create` and `update`: an element is made once for each key, and then updated.

import { copyText } from './clipboard.js';
import { make, phraseNodes } from './dom.js';
import { formatted, formattedLine } from './markdown.js';
import { summary } from './moves.js';
import { hue, initial } from './names.js';
import { discard, retry } from './outbox.js';
import { quoteOf } from './quote.js';
import { reactionRow } from './reaction-row.js';
import { store } from './store.js';
import { dayName, dayOf, fullTime, timeOfDay } from './time.js';
import { isolated, phrase, sentence } from './words.js';

/** Consecutive messages of one user within this time (in milliseconds) form a group. */
const GROUP_TIME = 5 * 60_000;
/** This many consecutive joins, leaves and renames are shown as one line, which opens. */
const CONDENSED = 3;

/** Returns the entries of a conversation that the user wants to see. */
export function visibleEntries({ timeline }) {
  return store.movesShown ? timeline.entries : timeline.entries.filter(({ type }) => type !== 'move');
}

/**
 * Returns the key of the first message that was unread when the user opened the conversation; null:
 * there was none, or it is older than the messages of the page.
 */
export function markerKey({ marker, timeline, more }) {
  if (marker === null) return null;
  const isNews = ({ type, epoch, id, own }) =>
    type === 'message' && epoch === store.epoch && id > marker && !own;
  const found = timeline.entries.find(isNews);
  const isFirst = found === timeline.first();
  return found && !(isFirst && (more || timeline.shortened)) ? found.key : null;
}

/** Returns the rows of some entries. The entry with the key `marker` is the first unread one. */
export function timelineRows(entries, marker) {
  const rows = [];
  let day = '';
  let before = null;
  /** The joins, leaves and renames since the last row of another kind. */
  let moves = [];
  const endMoves = () => {
    if (moves.length < CONDENSED) rows.push(...moves.map(lineRow));
    else rows.push(movesRow(moves));
    moves = [];
  };
  for (const entry of entries) {
    entry.day ??= dayOf(entry.time);
    // Lines have the local time, which may differ from the server's. Days must not go backwards.
    if (entry.day > day) {
      endMoves();
      day = entry.day;
      rows.push(dayRow(entry.time, day));
      before = null;
    }
    if (entry.key === marker) {
      endMoves();
      rows.push(markerRow());
      before = null;
    }
    if (entry.type === 'move') {
      moves.push(entry);
      before = null;
      continue;
    }
    endMoves();
    if (entry.type !== 'message') {
      rows.push(lineRow(entry));
      before = null;
      continue;
    }
    const first = !before || !inOneGroup(before, entry);
    rows.push(messageRow(entry, first));
    before = entry;
  }
  endMoves();
  return rows;
}

export const outgoingRows = (conversation) =>
  conversation.outgoing.map((entry) => ({
    key: entry.id,
    create: () => outgoingNode(entry),
    update: (node) => updateOutgoing(node, conversation, entry),
  }));

const inOneGroup = (one, other) =>
  one.nickname === other.nickname &&
  one.system === other.system &&
  one.role === other.role &&
  other.time - one.time < GROUP_TIME;

const messageRow = (entry, first) => ({
  key: entry.key,
  create: () => messageNode(entry),
  update: (node) => updateMessage(node, entry, first),
});

function messageNode(entry) {
  const text = make('div', { class: 'text', dir: 'auto' });
  const node = make(
    'div',
    {
      class: `message ${hue(entry.nickname)}`,
      'data-message-id': entry.id,
      'data-author': entry.nickname,
      'data-kind': entry.kind,
      'data-bot': entry.bot,
      'data-system': entry.system,
      'data-mentioned': entry.mentioned,
      'data-time': timeOfDay(entry.time),
    },
    text,
  );
  return Object.assign(node, { text });
}

/** Updates a message: it may no longer be the first of its group, or have a new text. */
function updateMessage(node, entry, first) {
  const { text } = node;
  const quote = quoteOf(node, entry);
  const reactions = reactionRow(node, entry);
  const parts = [quote, text, reactions].filter(Boolean);
  if (node.first !== first || node.parts !== parts.length) {
    node.first = first;
    node.parts = parts.length;
    node.classList.toggle('first', first);
    node.classList.toggle('reply', quote !== null);
    node.replaceChildren(...(first ? byline(entry) : [spokenByline(entry)]), ...parts);
  }
  node.toggleAttribute('data-pinned', Boolean(entry.pinned));
  if (node.words !== entry.text) {
    node.words = entry.text;
    node.toggleAttribute('data-deleted', Boolean(entry.deleted));
    if (entry.deleted) node.removeAttribute('data-mentioned');
    text.replaceChildren(...(entry.deleted ? deletion(entry) : words(entry)));
    if (entry.edited_at && !entry.deleted) {
      text.append(make('span', { class: 'edited', text: ' (edited)' }));
    }
  }
}

/** Returns what is shown in place of a message that was deleted. */
function deletion({ nickname, deleted: { by, reason } }) {
  const parts = by === nickname ? phrase`This message was deleted` : phrase`Deleted by ${by}`;
  return phraseNodes(reason ? [...parts, ...phrase`: ${reason}`] : parts);
}

/** Returns the text of a message as nodes. */
function words({ kind, nickname, text }) {
  if (kind === 'action') return [make('bdi', { text: nickname }), ' ', ...formattedLine(text)];
  return formatted(text, copyText);
}

const byline = (entry) => [
  make('span', { class: 'avatar', 'aria-hidden': 'true', text: initial(entry.nickname) }),
  make('div', { class: 'byline' }, author(entry), badge(entry), audience(entry), time(entry)),
];

const author = ({ nickname, account }) =>
  make('bdi', { class: 'author', text: nickname, title: account && `Account ${isolated(account)}` });

/** Marks the messages of programs, and those of the server itself. */
const badge = ({ bot, system }) =>
  (bot || system) && make('span', { class: 'kind', text: system ? 'server' : 'bot' });

/** The readers of a message that is only for members of at least a role. */
const AUDIENCES = { owner: 'to owners', operator: 'to operators', voiced: 'to voiced members' };

const audience = ({ role }) =>
  AUDIENCES[role] && make('span', { class: 'kind', text: AUDIENCES[role] });

const time = (entry) =>
  make('time', { datetime: entry.at, title: fullTime(entry.time), text: timeOfDay(entry.time) });

/**
 * The name and time of a message that is not the first of its group, for screen readers only. The
 * style sheet shows the time when the pointer is on the message.
 */
const spokenByline = ({ nickname, bot, system, role, time: at }) => {
  const mark = system ? ', server' : bot ? ', bot' : '';
  const readers = AUDIENCES[role] ? ` ${AUDIENCES[role]}` : '';
  const text = `${nickname}${mark}${readers}, ${timeOfDay(at)}: `;
  return make('span', { class: 'spoken', text });
};

function lineRow(entry) {
  return {
    key: entry.key,
    create(runAction) {
      const tone = entry.tone === 'error' ? 'error' : '';
      const properties = { class: `line ${entry.type} ${tone}`, 'data-line': entry.type };
      if (entry.type !== 'note') {
        return make('p', { ...properties, title: fullTime(entry.time) }, ...phraseNodes(entry.text));
      }
      const { action } = entry;
      const onclick = action && (() => runAction(action.command));
      const button = action && make('button', { type: 'button', text: action.label, onclick });
      const words = make('div', {}, ...phraseNodes(entry.text));
      return make('div', properties, make('div', {}, words, list(entry.items), button));
    },
  };
}

/** One line for several joins, leaves and renames. It opens to show each of them. */
const movesRow = (moves) => ({
  key: `moves-${moves[0].key}`,
  create() {
    // A screen reader need not read the line anew whenever somebody comes or goes.
    const properties = { class: 'line move', 'data-line': 'moves', 'aria-live': 'off' };
    return make('details', properties, make('summary'));
  },
  update(node) {
    if (node.shown === moves.length) return;
    node.shown = moves.length;
    const lines = moves.map((entry) => {
      return make('p', { title: fullTime(entry.time) }, ...phraseNodes(entry.text));
    });
    node.firstElementChild.replaceChildren(
      ...phraseNodes(summary(moves.map(({ change }) => change))),
    );
    node.replaceChildren(node.firstElementChild, ...lines);
  },
});

/** Returns a list of names with their descriptions. */
const list = (items) =>
  items &&
  make(
    'dl',
    {},
    ...items.flatMap(([name, words]) => [
      make('dt', {}, make('bdi', { text: name })),
      make('dd', { text: words, dir: 'auto' }),
    ]),
  );

const dayRow = (at, day) => ({
  key: `day-${day}`,
  create: () => make('div', { class: 'rule', 'data-day': day }),
  update(node) {
    const name = dayName(at);
    if (node.textContent !== name) node.textContent = name;
  },
});

const markerRow = () => ({
  key: 'marker',
  create: () => make('div', { class: 'rule new', 'data-marker': true, text: 'New' }),
});

const outgoingNode = (entry) =>
  make(
    'div',
    { class: 'message first', 'data-kind': entry.kind },
    make('div', { class: 'text', dir: 'auto' }, ...words({ ...entry, nickname: store.me })),
  );

function updateOutgoing(node, conversation, entry) {
  if (node.dataset.outgoing === entry.state) return;
  node.dataset.outgoing = entry.state;
  node.querySelector('.fate')?.remove();
  if (entry.state === 'waiting') node.append(waiting(conversation, entry));
  if (entry.state === 'failed') node.append(failure(conversation, entry));
}

const waiting = (conversation, entry) =>
  make(
    'div',
    { class: 'fate' },
    make('span', { text: 'Waiting to be sent.' }),
    button('discard', 'Discard', () => discard(conversation, entry)),
  );

const failure = (conversation, entry) =>
  make(
    'div',
    { class: 'fate failure', role: 'alert' },
    make('span', { text: (entry.uncertain ? '' : 'Not sent. ') + sentence(entry.problem) }),
    entry.again && button('retry', 'Send again', () => retry(conversation, entry)),
    button('edit', 'Edit', () => {
      discard(conversation, entry);
      store.changed('edit', entry);
    }),
    button('discard', 'Discard', () => discard(conversation, entry)),
  );

const button = (name, text, onclick) => make('button', { class: name, type: 'button', text, onclick });
