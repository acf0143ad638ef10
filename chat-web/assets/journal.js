// Writing into conversations: messages, and lines about what happened.

import { mentions } from './names.js';
import { store } from './store.js';
import { keyOf } from './timeline.js';

/** A message that has just been said. */
export function heard(conversation, message) {
  write(conversation, { message });
}

/** Messages that were fetched, oldest first. `seen`: they are from before one came, so none of them is news. */
export function fetched(conversation, messages, { seen }) {
  for (const message of messages) {
    const isNew = put(conversation, message, seen);
    if (isNew) settle(conversation, message);
  }
  store.changed('timeline', conversation);
}

/**
 * A line for the user alone: an answer, an error. `items` are pairs of a name and what there is to say about it; `action`
 * is `{ label, command }`, for a button below.
 */
export function note(conversation, text, { tone = 'info', items, action } = {}) {
  if (conversation) write(conversation, { line: { type: 'note', text, tone, items, action } });
}

/** A note that does not wait for messages that are being fetched. */
export function noteAtOnce(conversation, text) {
  conversation.timeline.line({ type: 'note', text, tone: 'info' });
  store.changed('timeline', conversation);
}

/** Somebody did something to the channel or to somebody in it. */
export const deed = (conversation, text) => write(conversation, { line: { type: 'deed', text } });

/** Somebody came, went, or changed their name; such lines can be hidden. */
export const move = (conversation, text) => write(conversation, { line: { type: 'move', text } });

/** Lets everything new wait, until what is older has been fetched. */
export function hold(conversation) {
  conversation.held ??= [];
}

/** Ends the waiting. Without `messages`, these are dropped: they will be fetched with the ones before them. */
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

/** Adds a message, and counts it if it is news. True if it was not here before. */
function put(conversation, message, seen) {
  const { timeline } = conversation;
  const own = store.isMe(message.nickname);
  const mentioned = !own && store.me !== null && mentions(message.text, store.me);
  if (!timeline.add({ ...message, own, mentioned }, store.epoch)) {
    // One's own message is here since it was acknowledged; now it comes as everybody else sees it.
    timeline.get(keyOf(message)).text = message.text;
    return false;
  }
  if (!own && !seen && !store.isLookedAt(conversation)) count(conversation, message, mentioned);
  return true;
}

function count(conversation, message, mentioned) {
  if (conversation.unread === 0) conversation.marker = keyOf(message);
  conversation.unread += 1;
  if (mentioned || !conversation.isChannel) conversation.mentions += 1;
  store.changed('list');
}

/** A message whose acknowledgement was lost may have arrived after all: then it must not stand there as not sent. */
function settle(conversation, message) {
  if (!store.isMe(message.nickname)) return;
  const index = conversation.outgoing.findIndex(
    (entry) =>
      entry.uncertain &&
      message.id > entry.after &&
      entry.kind === message.kind &&
      entry.text === message.text,
  );
  if (index < 0) return;
  conversation.outgoing.splice(index, 1);
  store.changed('outgoing', conversation);
}
