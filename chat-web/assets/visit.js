// State of this tab that survives a reload: open conversations, unread and unsent messages, drafts,
// and private messages. It is deleted when the tab is closed, and when the user leaves the chat.

import * as memory from './memory.js';
import { restoreOutgoing } from './outbox.js';
import { store } from './store.js';

/** The delay before changes are saved, in milliseconds, so that a burst is saved once. */
const DELAY = 1_000;
/** The most saved messages of a private conversation. */
const MESSAGES = 200;
/** The most characters of all saved messages. The browser's storage holds 5 MB. */
const CHARACTERS = 500_000;

let timer = null;

/** Restores the state from before a reload. Returns false if there is none. */
export function restore() {
  const visit = memory.visit.get();
  if (!visit?.nickname) return false;
  store.me = visit.nickname;
  store.account = visit.account ?? null;
  store.idEpoch = visit.idEpoch ?? null;
  store.reconnectKey = visit.reconnectKey ?? null;
  for (const saved of visit.conversations) restoreConversation(saved);
  for (const notice of visit.notices) store.notices.set(notice.key, notice);
  store.changed('notices');
  store.activate(store.conversations.get(visit.active) ?? null);
  store.changed('list');
  return true;
}

function restoreConversation({ kind, name, messages, outgoing, ...state }) {
  const conversation = store.restore(kind, name, state);
  for (const message of messages) conversation.timeline.add(message, store.epoch);
  restoreOutgoing(conversation, outgoing);
}

function write() {
  clearTimeout(timer);
  timer = null;
  if (!store.me) return;
  let room = CHARACTERS;
  const conversations = [];
  for (const conversation of store.conversations.values()) {
    const messages = conversation.isChannel ? [] : latest(conversation, room);
    for (const { text } of messages) room -= text.length;
    conversations.push({ ...essentials(conversation), messages });
  }
  const notices = [...store.notices.values()];
  const { me: nickname, account, idEpoch, reconnectKey } = store;
  const active = store.active?.key;
  const user = { nickname, account, idEpoch, reconnectKey };
  memory.visit.set({ ...user, active, conversations, notices });
}

const essentials = ({ kind, name, joined, password, banned, unread, mentions, marker, ...rest }) => ({
  kind,
  name,
  joined,
  password,
  banned,
  unread,
  mentions,
  marker,
  draft: rest.draft,
  place: rest.place,
  known: rest.timeline.last()?.id ?? rest.known,
  outgoing: rest.outgoing,
});

/** Returns the last messages of a private conversation that fit into `room` characters. */
function latest({ timeline }, room) {
  const messages = timeline.entries.filter(({ type }) => type === 'message').slice(-MESSAGES);
  let left = room;
  return messages
    .reverse()
    .filter(({ text }) => (left -= text.length) >= 0)
    .reverse();
}

function writeSoon() {
  timer ??= setTimeout(write, DELAY);
}

export function startVisit() {
  store.on('visit list active me topic timeline outgoing notices', writeSoon);
  store.on('forget', () => memory.visit.set(null));
  addEventListener('pagehide', write);
}
