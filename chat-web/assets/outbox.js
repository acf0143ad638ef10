// Sends messages in order within each conversation. No message is lost without an error.
//
// A message stays in `conversation.outgoing` until the server has acknowledged it. While there is
// no connection, or the channel is not ready, it waits. If the connection breaks before the
// acknowledgement, it is sent again with the same nonce, so that the server accepts it once.

import { pause, request } from './client.js';
import { Disconnected } from './connection.js';
import { heard, note } from './journal.js';
import { isRecognised, randomKey } from './nonces.js';
import { store } from './store.js';
import { phrase } from './words.js';

/** The most messages that wait in one conversation. */
const MOST_WAITING = 100;

/** Refusals after which sending again may succeed. After all others it would fail again. */
const TEMPORARY = new Set([
  'no_such_user',
  'user_disconnected',
  'not_in_channel',
  'muted',
  'moderated',
  'try_again',
]);

let count = 0;

/**
 * Sends a text, which may have several lines, as a message. The `state` of an entry is
 *
 * - `waiting`: it has not been sent. If it is `uncertain`, it has been sent, and the connection
 *   broke before the acknowledgement.
 * - `sending`: it has been sent, and the acknowledgement is expected.
 * - `failed`, with a `problem` for people. `again` is set if sending it again may succeed.
 *
 * `reply` is the message to which it replies, `{ to, text }`; null: it is no reply. `sentAt` is the
 * time of the first attempt; null: there was none, or as another user.
 */
export function say(conversation, text, kind = 'message') {
  if (conversation.outgoing.length >= MOST_WAITING) {
    throw new Error(`no more than ${MOST_WAITING} messages can wait to be sent`);
  }
  conversation.outgoing.push(outgoing(text, kind, conversation.reply));
  if (conversation.reply) {
    conversation.reply = null;
    store.changed('reply', conversation);
  }
  changed(conversation);
  pump(conversation);
}

function outgoing(text, kind, reply = null) {
  count += 1;
  const id = `out-${count}`;
  const nonce = randomKey();
  return { id, text, kind, reply, nonce, sentAt: null, state: 'waiting', uncertain: false };
}

/**
 * Sends the first message to a user. The conversation is created only if the server accepts it, or
 * may have accepted it.
 */
export async function sayFirst(nickname, text) {
  const entry = outgoing(text, 'message');
  const message = { text, kind: entry.kind, to: nickname };
  if (store.connection.state === 'online') entry.sentAt = Date.now();
  let answer;
  try {
    answer = await request({ type: 'chat', ...message, nonce: entry.nonce });
  } catch (error) {
    if (!(error instanceof Disconnected) || !entry.sentAt) throw error;
    const conversation = store.openPrivate(nickname);
    conversation.outgoing.push({ ...entry, uncertain: true });
    changed(conversation);
    pump(conversation);
    return conversation;
  }
  const { id, at, away, offline } = answer;
  const conversation = store.openPrivate(nickname);
  heard(conversation, { id, at, nickname: store.me, ...message });
  if (away) noteAway(conversation, away);
  if (offline) noteOffline(conversation);
  return conversation;
}

/** Restores the messages that were not acknowledged before the page was reloaded. */
export function restoreOutgoing(conversation, entries) {
  for (const entry of entries) {
    count += 1;
    const sent = entry.state === 'sending';
    const state = sent ? 'waiting' : entry.state;
    const uncertain = entry.uncertain || sent;
    const nonce = entry.nonce ?? randomKey();
    conversation.outgoing.push({ ...entry, id: `out-${count}`, nonce, state, uncertain });
  }
}

/**
 * Marks all waiting messages as failed, so that the user decides about each: they must not be sent
 * automatically under another name.
 */
export function holdBack(problem) {
  for (const conversation of store.conversations.values()) {
    for (const entry of conversation.outgoing) {
      if (entry.state === 'waiting') fail(conversation, entry, problem);
    }
  }
}

/** Sends a failed message again. */
export function retry(conversation, entry) {
  entry.state = 'waiting';
  entry.uncertain = false;
  changed(conversation);
  pump(conversation);
}

/** Removes an outgoing message. */
export function discard(conversation, entry) {
  conversation.outgoing = conversation.outgoing.filter((other) => other !== entry);
  changed(conversation);
}

/** Cleans a text as the server does: the empty lines around it and the ends of its lines go. */
export const cleaned = (text) =>
  text
    .split(/\r\n|[\r\n]/u)
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/^\n+|\n+$/gu, '');

/** Sends the waiting messages of a conversation, as far as that is possible now. */
async function pump(conversation) {
  if (conversation.pumping) return;
  conversation.pumping = true;
  for (;;) {
    const entry = conversation.outgoing.find(({ state }) => state === 'waiting');
    if (!entry || !isReady(conversation)) break;
    if (entry.uncertain && !conversation.unbroken && !isRecognised(entry)) {
      fail(conversation, entry, 'the connection broke before the server answered, so it may have arrived');
    } else if (!(await send(conversation, entry))) {
      break;
    }
  }
  conversation.pumping = false;
}

/**
 * Returns true if messages can be sent. In a channel, missed messages are fetched first: they show
 * whether a message arrived whose acknowledgement was lost, if the server would not recognise it.
 */
const isReady = ({ isChannel, ready }) =>
  store.connection.state === 'online' && store.ahead === null && (!isChannel || ready);

/** Sends one message. Returns false if the connection broke, so that no other can be sent now. */
async function send(conversation, entry) {
  const { text, kind, nonce, reply } = entry;
  const to = conversation.isChannel ? { channel: conversation.name } : { to: conversation.name };
  const message = { text, kind, ...to };
  entry.state = 'sending';
  entry.sentAt ??= Date.now();
  entry.after = conversation.timeline.last()?.id ?? 0;
  changed(conversation);
  for (;;) {
    try {
      const asked = { type: 'chat', ...message, nonce, reply_to: reply?.to.id };
      const { id, at, away, offline } = await request(asked);
      discard(conversation, entry);
      heard(conversation, { id, at, nickname: store.me, ...message, reply_to: reply?.to });
      if (away) noteAway(conversation, away);
      if (offline) noteOffline(conversation);
      return true;
    } catch (error) {
      if (error instanceof Disconnected) {
        entry.state = 'waiting';
        entry.uncertain = true;
        changed(conversation);
        return false;
      }
      if (error.code !== 'rate_limited') {
        fail(conversation, entry, error.message, TEMPORARY.has(error.code));
        return true;
      }
      await pause(error.retryAfter);
    }
  }
}

function fail(conversation, entry, problem, again = true) {
  Object.assign(entry, { state: 'failed', problem, again });
  changed(conversation);
}

const noteAway = (conversation, away) =>
  note(conversation, phrase`${conversation.name} is away: ${away}`);

const noteOffline = (conversation) =>
  note(conversation, phrase`${conversation.name} is offline, and can read this later`);

const changed = (conversation) => store.changed('outgoing', conversation);

/** Sends waiting messages after a reconnect, after joining again, and after fetching history. */
export function startOutbox() {
  store.on('connection list timeline', () => {
    for (const conversation of store.conversations.values()) {
      if (conversation.outgoing.length > 0) pump(conversation);
    }
  });
}
