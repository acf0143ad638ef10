// State that only this tab has, kept over a reload: where the user is, unread and unsent messages, drafts, and private
// conversations. It is gone when the tab is closed, and when the user leaves the chat.

import * as memory from './memory.js';
import { restoreOutgoing } from './outbox.js';
import { store } from './store.js';

/** Changes wait so long to be written, so that a burst of them is written once. */
const DELAY = 1_000;
/** Most messages of a private conversation that are kept, and most characters of all of them: storage holds 5 MB. */
const MESSAGES = 200;
const CHARACTERS = 500_000;

let timer = null;

/** Brings back what was there before a reload. False if there is nothing. */
export function restore() {
  const visit = memory.visit.get();
  if (!visit?.nickname) return false;
  store.me = visit.nickname;
  store.boot = visit.boot ?? null;
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
  const { me: nickname, boot, reconnectKey, active } = store;
  memory.visit.set({ nickname, boot, reconnectKey, active: active?.key, conversations, notices });
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

/** The last messages of a private conversation that there is room for. */
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
