// Adds messages and lines about events to conversations.

import { mentions } from './names.js';
import { isRecognised } from './nonces.js';
import { store } from './store.js';
import { keyOf } from './timeline.js';

/** Returns the conversation of a message: its channel, or the private conversation. */
export function conversationOf(message) {
  if (message.channel) return store.openChannel(message.channel);
  return store.openPrivate(store.isMine(message) ? message.to : message.nickname);
}

/** Adds a message that has just been sent. */
export function heard(conversation, message) {
  store.arrived(message.id);
  write(conversation, { message });
  store.changed('heard', { conversation, message });
}

/** Adds fetched messages, the oldest first. If `seen` is set, none of them counts as unread. */
export function fetched(conversation, messages, { seen }) {
  for (const message of messages) {
    store.arrived(message.id);
    const isNew = put(conversation, message, seen);
    if (isNew) settle(conversation, message);
  }
  store.changed('timeline', conversation);
}

/** Changes a message that was said before, if the page has it. */
export function amended(conversation, id, changes) {
  const entry = conversation.timeline.find(id, store.epoch);
  if (entry) Object.assign(entry, changes);
  for (const { message } of conversation.held ?? []) {
    if (message?.id === id) Object.assign(message, changes);
  }
  store.changed('timeline', conversation);
}

/**
 * Adds a line for this user only, such as an answer or an error. `items` are pairs of a name and
 * its description. `action` is `{ label, command }`, for a button below.
 */
export function note(conversation, text, { tone = 'info', items, action } = {}) {
  if (conversation) write(conversation, { line: { type: 'note', text, tone, items, action } });
}

/** Adds a note even while new entries are held back. */
export function noteAtOnce(conversation, text) {
  conversation.timeline.line({ type: 'note', text, tone: 'info' });
  store.changed('timeline', conversation);
}

/** Adds a line about an action on the channel or on a member. */
export const deed = (conversation, text) => write(conversation, { line: { type: 'deed', text } });

/**
 * Adds a line about a join, a leave or a rename. The user can hide these lines. `change` is the
 * same for `moves.js`.
 */
export const move = (conversation, text, change) =>
  write(conversation, { line: { type: 'move', text, change } });

/** Holds back new entries until older ones have been fetched. */
export function hold(conversation) {
  conversation.held ??= [];
}

/**
 * Adds the entries that were held back. Without `messages`, held messages are dropped, because they
 * will be fetched with the ones before them.
 */
export function release(conversation, { messages }) {
  const { held } = conversation;
  if (!held) return;
  conversation.held = null;
  for (const entry of held) if (messages || !entry.message) write(conversation, entry);
}

function write(conversation, entry) {
  if (conversation.held) {
    conversation.held.push(entry);
    return;
  }
  if (entry.message) put(conversation, entry.message, false);
  else conversation.timeline.line(entry.line);
  store.changed('timeline', conversation);
}

/** Returns the fields of a message that can change after it was said. */
export const changeable = ({ text, edited_at, deleted, reactions, pinned }) => ({
  text,
  edited_at,
  deleted,
  reactions,
  pinned,
});

/** Adds a message, and counts it if it is unread. Returns true if the page did not have it. */
function put(conversation, message, seen) {
  const { timeline } = conversation;
  const own = store.isMine(message);
  const mentioned =
    !own && !message.deleted && store.me !== null && mentions(message.text, store.me);
  if (!timeline.add({ ...message, own, mentioned }, store.epoch)) {
    // The user's own message was added when it was acknowledged. The server may have changed its
    // text, or the message may be deleted now.
    Object.assign(timeline.get(keyOf(message)), changeable(message));
    return false;
  }
  const isRead = seen || message.id <= conversation.lastRead || store.isLookedAt(conversation);
  if (!own && !isRead && !message.deleted) count(conversation, message, mentioned);
  return true;
}

function count(conversation, message, mentioned) {
  if (conversation.unread === 0) conversation.marker = message.id - 1;
  conversation.unread += 1;
  if (mentioned || !conversation.isChannel) {
    conversation.mentions += 1;
    store.changed('concern', { conversation, message });
  }
  store.changed('list');
}

/**
 * Removes an outgoing message if it turns out that the server has received it, although its
 * acknowledgement was lost. A message that the server would recognise is sent again instead:
 * another one of the user may have the same text.
 */
function settle(conversation, message) {
  if (!store.isMine(message)) return;
  const index = conversation.outgoing.findIndex(
    (entry) =>
      entry.uncertain &&
      !isRecognised(entry) &&
      message.id > entry.after &&
      entry.kind === message.kind &&
      entry.text === message.text,
  );
  if (index < 0) return;
  conversation.outgoing.splice(index, 1);
  store.changed('outgoing', conversation);
}
