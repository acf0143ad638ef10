// Sending what the user says: in order, one after the other, and never lost without a word.

import { pause, request } from './client.js';
import { Disconnected } from './connection.js';
import { heard, note } from './journal.js';
import { store } from './store.js';

const queue = [];
let sending = false;
let count = 0;

/** Says something in a conversation. It stands there as on its way until the server acknowledges it. */
export function say(conversation, text, kind = 'message') {
  count += 1;
  const entry = { id: `out-${count}`, conversation, text: flat(text), kind };
  conversation.outgoing.push(entry);
  push(entry);
}

/** Sends once more what could not be sent. */
export const retry = (entry) => push(entry);

/** Lets go of what could not be sent. */
export function discard(entry) {
  const { conversation } = entry;
  conversation.outgoing = conversation.outgoing.filter((other) => other !== entry);
  store.changed('outgoing', conversation);
}

function push(entry) {
  entry.failed = null;
  entry.uncertain = false;
  queue.push(entry);
  store.changed('outgoing', entry.conversation);
  if (!sending) work();
}

async function work() {
  sending = true;
  while (queue.length > 0) await send(queue.shift());
  sending = false;
}

async function send(entry) {
  const { conversation, text, kind } = entry;
  const to = conversation.isChannel ? { channel: conversation.name } : { to: conversation.name };
  for (;;) {
    const connected = store.connection.state === 'online';
    try {
      const { id, at, away } = await request({ type: 'chat', text, kind, ...to });
      discard(entry);
      heard(conversation, { id, at, nickname: store.me, text, kind, ...to });
      if (away) note(conversation, `${conversation.name} is away: ${away}`);
      return;
    } catch (error) {
      if (error.code === 'rate_limited') {
        await pause(error.retryAfter);
        continue;
      }
      // It may have arrived although its acknowledgement did not.
      entry.uncertain = connected && error instanceof Disconnected;
      entry.failed = error.message;
      store.changed('outgoing', conversation);
      return;
    }
  }
}

/** As the server will have it: on one line. */
const flat = (text) => text.replace(/[\r\n\t]+/gu, ' ').trim();
