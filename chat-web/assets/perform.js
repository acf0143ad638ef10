// Runs the actions of buttons and menus.

import { Cancelled } from './confirm.js';
import { note } from './journal.js';
import { store } from './store.js';
import { sentence } from './words.js';

/** Waits for an action, and shows its error in the conversation. Never rejects. */
export async function perform(action) {
  const conversation = store.active;
  try {
    await action;
  } catch (error) {
    if (error instanceof Cancelled) return;
    note(conversation, sentence(error.message), { tone: 'error' });
  }
}
