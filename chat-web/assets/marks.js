// Up to where the user has read each conversation, on this and on other devices.

import { pause, request } from './client.js';
import { Refused } from './connection.js';
import { channelKey, privateKey } from './names.js';
import { store } from './store.js';

/** The least time between two reports about one conversation, in milliseconds. */
const INTERVAL = 1_000;

/**
 * Takes over what the server knows about a conversation: the last message that the account has
 * read, and the numbers of unread messages after it. Guests have none.
 */
export function takeMarks(conversation, { last_read: lastRead = 0, unread, mentions }) {
  // Until the server has received what was read here, its numbers are too high.
  conversation.counted = unread !== undefined && lastRead >= conversation.lastRead;
  if (unread === undefined) return;
  conversation.reported = lastRead;
  if (!conversation.counted) {
    report(conversation);
    return;
  }
  conversation.lastRead = lastRead;
  if (unread > 0 && lastRead > 0) conversation.marker ??= lastRead;
  conversation.unread = unread;
  // Every private message concerns the user.
  conversation.mentions = conversation.isChannel ? mentions : unread;
  store.seen();
  store.changed('list');
}

/** Handles that the user has read messages on another device. */
export function takeRead({ channel, to, id }) {
  const key = channel ? channelKey(channel) : privateKey(to);
  const conversation = store.conversations.get(key);
  if (!conversation || id <= conversation.lastRead) return;
  conversation.lastRead = conversation.reported = id;
  const left = conversation.timeline.entries.filter(
    ({ type, epoch, own, ...entry }) =>
      type === 'message' && epoch === store.epoch && !own && entry.id > id,
  );
  const concerning = left.filter(({ mentioned }) => mentioned || !conversation.isChannel);
  conversation.unread = Math.min(conversation.unread, left.length);
  conversation.mentions = Math.min(conversation.mentions, concerning.length);
  if (conversation !== store.active) conversation.marker = conversation.unread > 0 ? id : null;
  store.remember();
  store.changed('list');
  store.changed('timeline', conversation);
}

/** Tells the server what the user has read, so that it is read on the other devices too. */
async function report(conversation) {
  if (conversation.reporting) return;
  conversation.reporting = true;
  while (isDue(conversation)) {
    await tell(conversation);
    await pause(INTERVAL);
  }
  conversation.reporting = false;
}

const isDue = ({ joined, lastRead, reported }) =>
  store.hasAccount && store.connection.state === 'online' && joined && lastRead > reported;

async function tell(conversation) {
  const { isChannel, name, lastRead: id, reported } = conversation;
  const place = isChannel ? { channel: name } : { to: name };
  conversation.reported = id;
  try {
    await request({ type: 'read', ...place, id });
  } catch (error) {
    // After a refusal for another reason, it would be refused again.
    const isPossible = !(error instanceof Refused) || error.code === 'rate_limited';
    if (isPossible) conversation.reported = reported;
  }
}

export function startMarks() {
  store.on('read', report);
  store.on('connection', () => {
    for (const conversation of store.conversations.values()) report(conversation);
  });
  store.on('timeline', (conversation) => conversation === store.active && store.seen());
  addEventListener('focus', () => store.seen());
  addEventListener('pagehide', () => {
    for (const conversation of store.conversations.values()) {
      if (isDue(conversation)) tell(conversation);
    }
  });
}
