// The user's session: takes a name or logs in, and reconnects when the connection is lost.

import { attach, pause, request } from './client.js';
import { Connection, Disconnected, Refused } from './connection.js';
import { takeEvent } from './events.js';
import * as memory from './memory.js';
import { takeMarks } from './marks.js';
import { sameName } from './names.js';
import { forgetNonces, randomKey } from './nonces.js';
import { store } from './store.js';
import { catchUpLater, fetchMissing, interrupted, rejoin, restarted, stayed } from './sync.js';

/** The first and the longest delay before an attempt to reconnect. Each attempt doubles it. */
const FIRST_DELAY = 500;
const LONGEST_DELAY = 30_000;
/** After a connection that lasted this long, the delays begin from the first again. */
const STABLE = 5_000;
/** The time in which the server should notice that the page's old connection is dead. */
const NAME_HELD = 120_000;

let connection = null;
/** Whether the user has entered the chat and has not left it. */
let present = false;
/** Counts the user's decisions. An asynchronous task ends when its decision is not the latest. */
let decision = 0;
let attempts = 0;
/** The channels of a user whom the server has kept after a disconnect; null: it has not. */
let kept = null;
/** Whether the login of this tab has ended, so that its name is that of another user. */
let isGuest = false;
let skipDelay = () => {};

/**
 * Enters with a name (`{ nickname }`, or `{ guest: true }`), with a login (`{ session }`), or with
 * a password (`{ account, password, device }`). `register` has the fields of a request that makes
 * an account first. Rejects with an error for the user.
 */
export const enter = (wish, register = null) =>
  begin(async (opened) => {
    if (register) keepLogin(await opened.request({ type: 'register', ...register }));
    const welcome = await hello(opened, wish);
    if (wish.nickname !== undefined) memory.nickname.set(welcome.nickname);
    return welcome;
  });

/** Enters as the user of this tab before a reload. */
export const enterAgain = (patience) => begin((opened) => helloAgain(opened, patience));

async function begin(introduce) {
  attempts = 0;
  decision += 1;
  store.setConnection({ state: 'connecting' });
  try {
    // A connection on which a name was refused can be used for another one.
    if (!connection?.isOpen) connection = await open();
    welcomed(await introduce(connection));
  } catch (error) {
    store.setConnection({ state: 'offline' });
    throw error;
  }
}

/**
 * Enters the channels of the account into which this session has logged in: it continues on another
 * connection, as a client that comes back.
 */
export async function reenter() {
  const before = connection;
  const opened = await open();
  try {
    const wish = { session: sessionToken(), nickname: store.me, lobby: false };
    const welcome = await hello(opened, wish);
    connection = opened;
    before?.close();
    welcomed(welcome);
    resume();
  } catch (error) {
    // The account may have too many sessions. The channels come after a reload.
    opened.close();
    if (!(error instanceof Refused)) throw error;
  }
}

/** Leaves for good. */
export async function quit(reason) {
  present = false;
  decision += 1;
  await request({ type: 'quit', reason }).catch(() => {});
  leave();
}

/** Forgets the user and the connection. */
export function leave() {
  present = false;
  decision += 1;
  connection?.close();
  memory.reconnection.set(null);
  connection = null;
  attach(null);
  attempts = 0;
  store.setConnection({ state: 'offline' });
  store.clear();
}

/** Stops reconnecting, so that the user can choose another name. Messages stay on the page. */
export function stopReturning() {
  present = false;
  decision += 1;
  skipDelay();
  connection?.close();
  connection = null;
  store.setConnection({ state: 'offline' });
}

/** Tries to reconnect now. */
export const retryNow = () => skipDelay();

/**
 * Joins all channels again, the active one first. If the server has kept the user, the user is
 * still in the channels that the server has named.
 */
export function resume() {
  const channels = store.channels().filter((channel) => channel.joined);
  channels.sort((one, other) => (other === store.active) - (one === store.active));
  if (kept === null) rejoin(channels);
  else stayed(channels, kept);
  if (!store.active?.isChannel) fetchMissing(store.active);
  if (store.resumed || !store.hasAccount) return;
  for (const conversation of store.privates()) {
    if (conversation.visited && !conversation.fetching) catchUpLater(conversation);
  }
}

function open() {
  const opening = Connection.open(address(), takeEvent, (reason) => ended(opening, reason));
  return opening;
}

/**
 * Returns the address of the WebSocket. It is relative to this script and not to the page: if the
 * page is nested at `/chat`, its address may end with a `/` or not.
 */
function address() {
  const url = new URL('../ws', import.meta.url);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url;
}

async function ended(opening, reason) {
  if (connection !== (await opening)) return;
  connection = null;
  attach(null);
  interrupted();
  if (!present) return;
  if (reason === undefined) comeBack();
  else if (store.account === null) giveUp(endedBecause(reason));
  else comeBackAsGuest(reason);
}

const endedBecause = (reason) => `the server has ended the connection${reason && `: ${reason}`}`;

/** Goes on as a guest if the server has ended the connection because it has ended the login. */
async function comeBackAsGuest(reason) {
  decision += 1;
  const mine = decision;
  const isOver = await isLoginOver();
  if (decision !== mine) return;
  if (!isOver) return giveUp(endedBecause(reason));
  endLogin();
  comeBack();
}

/** Asks the server whether the login of this tab has ended. Other users do not notice. */
async function isLoginOver() {
  const session = sessionToken();
  if (session === null) return true;
  let asking = null;
  try {
    asking = await Connection.open(address(), () => {}, () => {});
    await asking.request({ type: 'hello', version: 2, session, lobby: false });
    await asking.request({ type: 'quit' });
    return false;
  } catch (error) {
    return error.code === 'session_ended';
  } finally {
    asking?.close();
  }
}

/** Keeps the token of a login, for this browser. */
export function keepLogin({ account, token }) {
  // A server may issue none.
  memory.login.set(token === undefined ? null : { account, token });
}

/** Returns the token of the login of this tab; null: it has none, or another tab has logged out. */
function sessionToken() {
  const login = memory.login.get();
  return login !== null && login.account === store.account ? login.token : null;
}

/** Forgets the login of this tab after the server has ended it. */
function endLogin() {
  if (sessionToken() !== null) memory.login.set(null);
  isGuest = true;
  store.setAccount(null);
  store.reconnectKey = null;
  store.changed('logout');
}

async function comeBack() {
  if (Date.now() - store.connection.since > STABLE) attempts = 0;
  decision += 1;
  const mine = decision;
  while (decision === mine) {
    await waitBeforeAttempt();
    if (decision !== mine) return;
    store.setConnection({ state: 'connecting' });
    try {
      const opened = await open();
      if (decision !== mine) return opened.close();
      connection = opened;
      welcomed(await helloAgain(opened, NAME_HELD));
      resume();
      return;
    } catch (error) {
      // Without an answer, the page tries again. A refusal would be repeated, so it gives up.
      if (decision !== mine || !(error instanceof Refused)) continue;
      return giveUp(error.message);
    }
  }
}

/** Stays offline until the user takes a name again. */
function giveUp(message) {
  present = false;
  store.setConnection({ state: 'offline' });
  store.changed('refused', message);
}

/** Waits for a random delay, so that not all clients of a server reconnect at the same moment. */
async function waitBeforeAttempt() {
  const longest = Math.min(FIRST_DELAY * 2 ** attempts, LONGEST_DELAY);
  const delay = longest * (0.5 + Math.random() / 2);
  attempts += 1;
  store.setConnection({ state: 'offline', retryAt: Date.now() + delay });
  await Promise.race([pause(delay), new Promise((resolve) => (skipDelay = resolve))]);
  skipDelay = () => {};
}

/** Sends `hello` as the user of this tab, or as a guest if its login has ended. */
async function helloAgain(opened, patience) {
  const lobby = store.channel('lobby')?.joined ?? false;
  const wish = { nickname: store.me, lobby };
  if (store.account === null && !isGuest) return hello(opened, wish, patience);
  const session = sessionToken();
  try {
    if (session !== null) return await hello(opened, { ...wish, session }, patience);
  } catch (error) {
    if (error.code !== 'session_ended') throw error;
  }
  if (!isGuest) endLogin();
  return hello(opened, { guest: true, lobby });
}

/** Sends `hello`. Repeats it while the user's own old connection still holds the name. */
async function hello(opened, wish, patience = 0) {
  const giveUp = Date.now() + patience;
  for (let delay = 300; ; delay = Math.min(delay * 1.5, 3_000)) {
    try {
      store.reconnectKey ??= rememberedKey(wish.nickname) ?? randomKey();
      const reconnect_key = store.reconnectKey;
      const resume = { epoch: String(store.idEpoch ?? ''), id: store.received };
      return await opened.request({ type: 'hello', version: 2, reconnect_key, resume, ...wish });
    } catch (error) {
      const taken = error.code === 'nickname_in_use' && Date.now() < giveUp;
      // A password is tried once: the server limits the attempts.
      const limited = error.code === 'rate_limited' && wish.password === undefined;
      if (!taken && !limited) throw error;
      store.setConnection({ state: 'connecting', detail: 'taken' });
    }
    await pause(delay);
    if (connection !== opened) throw new Disconnected('the connection broke');
  }
}

function rememberedKey(nickname) {
  const last = memory.reconnection.get();
  return last && nickname && sameName(last.nickname, nickname) ? last.key : null;
}

function welcomed(welcome) {
  attach(connection);
  present = true;
  isGuest = false;
  const before = store.idEpoch;
  // Servers without an epoch count ids from 1 again after each restart.
  store.idEpoch = welcome.epoch ?? welcome.boot;
  kept = welcome.reconnected ? welcome.channels : null;
  if (before !== null && store.idEpoch !== before) restarted();
  store.resumed = welcome.resumed === true;
  // The missed messages follow, before any other message.
  store.ahead = store.resumed ? 0 : null;
  store.expectsChannels = (welcome.channels ?? []).length > 0;
  store.identity = welcome.account ?? null;
  store.status = welcome.data?.status ?? null;
  if (welcome.token) keepLogin(welcome);
  const account = memory.login.get()?.account === welcome.account ? welcome.account : undefined;
  // The nonces of an account are the same for all of its sessions.
  const isSame = kept !== null || (account !== undefined && account === store.account);
  if (!isSame) forgetNonces();
  store.setAccounts(welcome.accounts ?? null);
  store.setAccount(account ?? null);
  store.setMe(welcome.nickname);
  memory.reconnection.set({ nickname: welcome.nickname, key: store.reconnectKey });
  takeConversations(welcome.conversations ?? []);
  store.setConnection({ state: 'online', since: Date.now() });
}

/** Opens the private conversations of the account, with the numbers of their unread messages. */
function takeConversations(conversations) {
  for (const conversation of store.privates()) {
    conversation.counted = false;
    // The messages of the page may end before a gap.
    if (!store.resumed) conversation.complete = false;
  }
  for (const summary of conversations) {
    const conversation = store.openPrivate(summary.nickname);
    takeMarks(conversation, summary);
    if (!conversation.visited) conversation.more = true;
  }
  store.changed('list');
}

// These events of the browser are reasons to check the connection.
addEventListener('online', () => (connection ? connection.probe() : skipDelay()));
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState !== 'visible') return;
  connection?.probe();
  skipDelay();
});
