// The user's account: registering, logging in and out, its password, its devices, its end.

import { request } from './client.js';
import { deviceName } from './device.js';
import { renamed } from './events.js';
import * as memory from './memory.js';
import { channelKey, fold } from './names.js';
import { forgetNonces } from './nonces.js';
import { tell } from './notices.js';
import { holdBack } from './outbox.js';
import { keepLogin, leave } from './session.js';
import { store } from './store.js';

/** Returns the fields of a request that logs in or registers. */
export const credentials = (account, password) => ({ account, password, device: deviceName() });

/** Logs a guest in, or registers an account first: `login` or `register`. */
export async function logIn(type, fields) {
  const answer = await request({ type, ...fields });
  keepLogin(answer);
  store.setAccount(answer.account);
  forgetNonces();
  if (answer.channels) becomeOther(answer);
  else if (answer.nickname !== store.me) renamed(store.me, answer.nickname);
  for (const channel of store.channels()) {
    const member = channel.members.get(fold(store.me));
    if (!member) continue;
    member.account = answer.account;
    store.changed('members', channel);
  }
}

/**
 * Handles that this session speaks for a user who was online already. The server sends the rosters
 * of that user's channels.
 */
function becomeOther({ nickname, channels }) {
  const keys = new Set(channels.map(channelKey));
  store.away = null;
  store.setMe(nickname);
  for (const channel of store.channels()) if (!keys.has(channel.key)) store.close(channel);
}

export async function changePassword(before, after) {
  await request({ type: 'password', old: before, new: after });
}

/** Returns the logins of the account, the last used ones first. */
export async function listDevices() {
  const { sessions } = await request({ type: 'sessions' });
  return sessions;
}

export async function revoke(id) {
  await request({ type: 'revoke', id });
}

export async function logOut() {
  await request({ type: 'logout' });
  forgetLogin();
}

export async function deleteAccount(password) {
  await request({ type: 'delete_account', password });
  forgetLogin();
}

function forgetLogin() {
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

export function startAccount() {
  store.on('logout', loggedOut);
}
