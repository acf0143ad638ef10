// The user's account: registering, logging in, its password, its devices, its end.

import { request } from './client.js';
import { deviceName } from './device.js';
import { renamed } from './events.js';
import { forgetLogin } from './logout.js';
import { channelKey, fold } from './names.js';
import { forgetNonces } from './nonces.js';
import { keepLogin, reenter } from './session.js';
import { store } from './store.js';

/** Returns the fields of a request that logs in or registers. */
export const credentials = (account, password) => ({ account, password, device: deviceName() });

/** Logs a guest in, or registers an account first: `login` or `register`. */
export async function logIn(type, fields) {
  const answer = await request({ type, ...fields });
  keepLogin(answer);
  store.identity = answer.account;
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
  if (type === 'login' && answer.token) await reenter();
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

export async function deleteAccount(password) {
  await request({ type: 'delete_account', password });
  forgetLogin();
}
