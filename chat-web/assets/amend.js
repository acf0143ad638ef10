// Edits and deletes messages that were said before.

import { request } from './client.js';
import { amended } from './journal.js';
import { fold } from './names.js';
import { cleaned } from './outbox.js';
import { store } from './store.js';

const channelOf = ({ isChannel, name }) => (isChannel ? name : undefined);

/** Gives a message of the user another text. */
export async function editMessage(conversation, { id }, input) {
  const text = cleaned(input);
  await request({ type: 'edit', id, channel: channelOf(conversation), text });
  amended(conversation, id, { text, edited_at: new Date().toISOString() });
}

/** Deletes a message. Nobody can read its text afterwards. */
export async function deleteMessage(conversation, { id }, reason) {
  await request({ type: 'delete', id, channel: channelOf(conversation), reason });
  amended(conversation, id, { text: '', deleted: { by: store.me, reason }, mentioned: false });
}

/** Pins a message in its channel, or unpins it. */
export async function pinMessage(conversation, { id }, pinned) {
  await request({ type: pinned ? 'pin' : 'unpin', id, channel: channelOf(conversation) });
  amended(conversation, id, { pinned: pinned ? { by: store.me } : undefined });
}

/** Returns true if the user may delete messages of others in a conversation. */
export function isModerator({ isChannel, members }) {
  const role = isChannel && members.get(fold(store.me))?.role;
  return role === 'operator' || role === 'owner';
}

/** Returns true if a message can be changed. One from before a restart may have lost its id. */
export const isChangeable = ({ epoch, deleted }) => epoch === store.epoch && !deleted;

/** Returns the last message of the user in a conversation. */
export function lastOwn(conversation) {
  const isIt = (entry) => entry.type === 'message' && entry.own && isChangeable(entry);
  const found = conversation?.timeline.entries.findLast(isIt);
  if (!found) throw new Error('there is no message of yours here that could be changed');
  return found;
}
