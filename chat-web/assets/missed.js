// Receives the messages that were said while the page was not connected.

import { pause, requestPatiently } from './client.js';
import { Refused } from './connection.js';
import { amended, changeable, conversationOf, fetched } from './journal.js';
import { tell } from './notices.js';
import { store } from './store.js';
import { caughtUp } from './sync.js';

/** The delay before missed messages are requested again that the server cannot read now. */
const AGAIN = 2_000;

/** Counts the times that missed messages are fetched. Only the last one continues. */
let turn = 0;

/**
 * Adds the first page of missed messages, which follows a welcome, and fetches the others. The
 * page may have older messages that were `changed` since.
 */
export function takeMissed({ messages, more, changed = [] }) {
  for (const message of changed) {
    amended(conversationOf(message), message.id, changeable(message));
  }
  add(messages);
  return fetchAll(more, messages.length === 0 ? AGAIN : 0);
}

/** Fetches the messages that the server has dropped because the page was too slow. */
export function fetchMissed() {
  store.ahead ??= 0;
  for (const conversation of store.conversations.values()) conversation.counted = false;
  return fetchAll(true, 0);
}

/**
 * Fetches page after page. Messages that are said meanwhile arrive as well: the page continues
 * after them only once it has received all that were said before.
 */
async function fetchAll(more, delay) {
  turn += 1;
  const mine = turn;
  while (more) {
    await pause(delay);
    const page = await next();
    // Without a connection, the next welcome continues after the last page.
    if (page === null || mine !== turn) return;
    add(page.messages);
    more = page.more;
    delay = page.messages.length === 0 ? AGAIN : 0;
  }
  store.received = Math.max(store.received, store.ahead ?? 0);
  store.ahead = null;
  caughtUp();
  store.remember();
}

async function next() {
  try {
    return await requestPatiently({ type: 'missed', after: store.received });
  } catch (error) {
    if (!(error instanceof Refused)) return null;
    const canRepeat = error.code === 'try_again';
    if (!canRepeat) tell(store.active, `Missed messages could not be fetched: ${error.message}.`);
    return { messages: [], more: canRepeat };
  }
}

function add(messages) {
  const pages = new Map();
  for (const message of messages) {
    const conversation = conversationOf(message);
    pages.set(conversation, [...(pages.get(conversation) ?? []), message]);
  }
  for (const [conversation, page] of pages) {
    fetched(conversation, page, { seen: conversation.counted });
  }
  store.received = Math.max(store.received, messages.at(-1)?.id ?? 0);
}
