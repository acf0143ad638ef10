// State of this tab that survives a reload: open conversations, unread and unsent messages, drafts,
// private messages, and up to where the page has received the messages of the server. It is deleted
// when the tab is closed, and when the user leaves the chat.

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
  store.received = visit.received ?? 0;
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
  // Users with an account can fetch older private messages.
  conversation.visited = messages.length > 0;
  conversation.more = conversation.visited;
  conversation.complete = conversation.visited;
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
  const { me: nickname, account, idEpoch, received, reconnectKey } = store;
  const active = store.active?.key;
  const user = { nickname, account, idEpoch, received, reconnectKey };
  memory.visit.set({ ...user, active, conversations, notices });
}

const essentials = ({ kind, name, joined, password, banned, unread, mentions, ...rest }) => ({
  kind,
  name,
  joined,
  password,
  banned,
  unread,
  mentions,
  marker: rest.marker,
  lastRead: rest.lastRead,
  draft: rest.draft,
  reply: rest.reply,
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
  store.on('visit list active me topic timeline outgoing notices read', writeSoon);
  store.on('forget', () => memory.visit.set(null));
  addEventListener('pagehide', write);
}
