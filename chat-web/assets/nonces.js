// Nonces, by which the server recognises a message that it has received before.

import { store } from './store.js';

/**
 * The time after the first attempt in which a message may be sent again, in milliseconds. The
 * server remembers nonces for ten minutes.
 */
const REMEMBERED = 8 * 60_000;

/** Returns 128 random bits, for nonces and reconnect keys. */
export const randomKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), hex).join('');

const hex = (byte) => byte.toString(16).padStart(2, '0');

/**
 * Returns true if the server would recognise an outgoing message, should it have received it: the
 * message has been sent, by the user that the page is now, and not too long ago.
 */
export const isRecognised = ({ sentAt }) => Boolean(sentAt) && Date.now() - sentAt < REMEMBERED;

/** Handles that the page is another user for the server, which has other nonces. */
export function forgetNonces() {
  for (const { outgoing } of store.conversations.values()) {
    for (const entry of outgoing) entry.sentAt = null;
  }
}
