// News for the user that belongs to no conversation, such as an invitation. A notice stays until it is dealt with or
// dismissed.

import { note } from './journal.js';
import { store } from './store.js';

/** More than anybody reads; the oldest go first. */
const MOST = 20;

/**
 * Shows a notice, in place of one with the same key. `action` is `{ label, command }`, for a button; `channel` names the
 * channel that it invites to.
 */
export function notify(key, text, { action, channel } = {}) {
  store.notices.delete(key);
  store.notices.set(key, { key, text, action, channel });
  if (store.notices.size > MOST) store.notices.delete(store.notices.keys().next().value);
  store.changed('notices');
}

export function dismiss(key) {
  store.notices.delete(key);
  store.changed('notices');
}

/** A line in a conversation, or a notice if there is none. */
export function tell(conversation, text) {
  if (conversation) note(conversation, text);
  else notify(String(text), text);
}

// An invitation has served its purpose once the user is in the channel.
store.on('list', () => {
  for (const { key, channel } of store.notices.values()) {
    if (channel !== undefined && store.channel(channel)?.joined) dismiss(key);
  }
});
