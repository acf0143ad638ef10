// Sending what the user says: in order within each conversation, and never lost without a word.
//
// A message waits in `conversation.outgoing` until the server has acknowledged it. Without a connection, or while the
// user is not in the channel, it goes on waiting, and goes out once that has changed.

import { pause, request } from './client.js';
import { Disconnected } from './connection.js';
import { heard, note } from './journal.js';
import { store } from './store.js';
import { phrase } from './words.js';

/** Most messages that wait in one conversation. */
const MOST_WAITING = 100;

/** Refusals that may be over soon. Whatever else is refused would be refused again as it is. */
const PASSING = new Set([
  'no_such_user',
  'user_disconnected',
  'not_in_channel',
  'muted',
  'moderated',
  'try_again',
]);

let count = 0;

/**
 * Says some texts, each as a message. An entry's `state` is
 *
 * - `waiting`: it has not been sent. If it is `uncertain`, it has been, but its acknowledgement was lost.
 * - `sending`: the server has it, or will soon.
 * - `failed`, with a `problem` for people; `again` if sending it once more makes sense.
 */
export function say(conversation, texts, kind = 'message') {
  if (conversation.outgoing.length + texts.length > MOST_WAITING) {
    throw new Error(`no more than ${MOST_WAITING} messages can wait to be sent`);
  }
  for (const text of texts) {
    count += 1;
    conversation.outgoing.push({ id: `out-${count}`, text, kind, state: 'waiting', uncertain: false });
  }
  changed(conversation);
  pump(conversation);
}

/** Sends the first message to somebody. Only if it arrives, there is a conversation to go on with. */
export async function sayFirst(nickname, text) {
  const message = { text, kind: 'message', to: nickname };
  const { id, at, away } = await request({ type: 'chat', ...message });
  const conversation = store.openPrivate(nickname);
  heard(conversation, { id, at, nickname: store.me, ...message });
  if (away) noteAway(conversation, away);
  return conversation;
}

/** Brings back what was not acknowledged before the page was reloaded. */
export function restoreOutgoing(conversation, entries) {
  for (const entry of entries) {
    count += 1;
    const sent = entry.state === 'sending';
    const state = sent ? 'waiting' : entry.state;
    const uncertain = entry.uncertain || sent;
    conversation.outgoing.push({ ...entry, id: `out-${count}`, state, uncertain });
  }
}

/** Has the user decide about each waiting message: it must not go out under another name by itself. */
export function holdBack(problem) {
  for (const conversation of store.conversations.values()) {
    for (const entry of conversation.outgoing) {
      if (entry.state === 'waiting') fail(conversation, entry, problem);
    }
  }
}

/** Sends once more what could not be sent. */
export function retry(conversation, entry) {
  entry.state = 'waiting';
  entry.uncertain = false;
  changed(conversation);
  pump(conversation);
}

/** Lets go of what could not be sent. */
export function discard(conversation, entry) {
  conversation.outgoing = conversation.outgoing.filter((other) => other !== entry);
  changed(conversation);
}

/** The texts of the messages that a text of several lines makes, as the server will have them. */
export const messagesIn = (text) =>
  text
    .split(/[\r\n]+/u)
    .map((line) => line.replace(/\t+/gu, ' ').trim())
    .filter(Boolean);

/** Sends what waits in a conversation, as far as it can be sent now. */
async function pump(conversation) {
  if (conversation.pumping) return;
  conversation.pumping = true;
  for (;;) {
    const entry = conversation.outgoing.find(({ state }) => state === 'waiting');
    if (!entry || !isReady(conversation)) break;
    if (entry.uncertain && !conversation.unbroken) {
      fail(conversation, entry, 'the connection broke before the server answered, so it may have arrived');
    } else if (!(await send(conversation, entry))) {
      break;
    }
  }
  conversation.pumping = false;
}

/** In a channel, what was missed comes first: it tells whether something arrived whose acknowledgement was lost. */
const isReady = ({ isChannel, ready }) =>
  store.connection.state === 'online' && (!isChannel || ready);

/** False if the connection broke, so that nothing else can be sent now. */
async function send(conversation, entry) {
  const { text, kind } = entry;
  const to = conversation.isChannel ? { channel: conversation.name } : { to: conversation.name };
  entry.state = 'sending';
  entry.after = conversation.timeline.last()?.id ?? 0;
  changed(conversation);
  for (;;) {
    try {
      const { id, at, away } = await request({ type: 'chat', text, kind, ...to });
      discard(conversation, entry);
      heard(conversation, { id, at, nickname: store.me, text, kind, ...to });
      if (away) noteAway(conversation, away);
      return true;
    } catch (error) {
      if (error instanceof Disconnected) {
        entry.state = 'waiting';
        entry.uncertain = true;
        changed(conversation);
        return false;
      }
      if (error.code !== 'rate_limited') {
        fail(conversation, entry, error.message, PASSING.has(error.code));
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

const changed = (conversation) => store.changed('outgoing', conversation);

/** A connection that is back, a channel that is entered again, and history that has been fetched let messages out. */
export function startOutbox() {
  store.on('connection list timeline', () => {
    for (const conversation of store.conversations.values()) {
      if (conversation.outgoing.length > 0) pump(conversation);
    }
  });
}
