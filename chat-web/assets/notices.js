// Notices that belong to no conversation, such as invitations. A notice stays until the user acts
// on it or dismisses it.

import { note } from './journal.js';
import { store } from './store.js';

/** The most notices. The oldest are removed first. */
const MOST = 20;

/**
 * Shows a notice, and replaces one with the same key. `action` is `{ label, command }`, for a
 * button. `channel` is the channel of an invitation.
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

/** Adds a line to a conversation, or shows a notice if there is none. */
export function tell(conversation, text) {
  if (conversation) note(conversation, text);
  else notify(String(text), text);
}

// An invitation is removed once the user is in the channel.
store.on('list', () => {
  for (const { key, channel } of store.notices.values()) {
    if (channel !== undefined && store.channel(channel)?.joined) dismiss(key);
  }
});
