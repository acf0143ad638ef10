// The end of a login: the user logs out, or the server has ended it.

import { request } from './client.js';
import * as memory from './memory.js';
import { tell } from './notices.js';
import { holdBack } from './outbox.js';
import { leave } from './session.js';
import { store } from './store.js';

export async function logOut() {
  await request({ type: 'logout' });
  forgetLogin();
}

/** Leaves, and forgets the login of this browser. */
export function forgetLogin() {
  memory.login.set(null);
  leave();
}

/**
 * Handles that the server has ended the login of this tab. The user goes on as a guest, who cannot
 * read the private messages of the account, and must not send its unsent messages.
 */
function loggedOut() {
  for (const conversation of store.privates()) store.close(conversation);
  holdBack('your login has ended');
  tell(
    store.active,
    'Your login has ended: it has expired, or was ended on another device. You are a guest now.',
  );
}

export function startLogout() {
  store.on('logout', loggedOut);
}
