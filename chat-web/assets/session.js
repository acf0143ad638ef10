// The user's session: takes a name, and reconnects under it when the connection is lost.

import { attach, pause, request } from './client.js';
import { Connection, Disconnected, Refused } from './connection.js';
import { takeEvent } from './events.js';
import * as memory from './memory.js';
import { sameName } from './names.js';
import { forgetNonces, randomKey } from './nonces.js';
import { store } from './store.js';
import { interrupted, rejoin, restarted, stayed } from './sync.js';

/** The first and the longest delay before an attempt to reconnect. Each attempt doubles it. */
const FIRST_DELAY = 500;
const LONGEST_DELAY = 30_000;
/** After a connection that lasted this long, the delays begin from the first again. */
const STABLE = 5_000;
/** How long the page waits until the server notices that its old connection is dead. */
const NAME_HELD = 120_000;

let connection = null;
/** Whether the user has entered the chat and has not left it. */
let present = false;
/** Counts the user's decisions. An asynchronous task ends when its decision is not the latest. */
let decision = 0;
let attempts = 0;
/** The channels of a user whom the server has kept after a disconnect; null: it has not. */
let kept = null;
let skipDelay = () => {};

/** Takes a name (`{ nickname }`, or `{ guest: true }`). Rejects with an error for the user. */
export async function enter(wish, { patience = 0, lobby = true } = {}) {
  attempts = 0;
  decision += 1;
  store.setConnection({ state: 'connecting' });
  try {
    // A connection on which a name was refused can be used for another one.
    if (!connection?.isOpen) connection = await open();
    const welcome = await hello(connection, { ...wish, lobby }, patience);
    if (!wish.guest) memory.nickname.set(welcome.nickname);
    welcomed(welcome);
  } catch (error) {
    store.setConnection({ state: 'offline' });
    throw error;
  }
}

/** Leaves for good. */
export async function quit(reason) {
  present = false;
  decision += 1;
  const leaving = connection;
  await request({ type: 'quit', reason }).catch(() => {});
  leaving?.close();
  forget();
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
}

function forget() {
  memory.reconnection.set(null);
  connection = null;
  attach(null);
  attempts = 0;
  store.setConnection({ state: 'offline' });
  store.clear();
}

/**
 * Opens a connection. The address of the WebSocket is relative to this script and not to the page:
 * if the page is nested at `/chat`, its address may end with a `/` or not.
 */
function open() {
  const url = new URL('../ws', import.meta.url);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const opening = Connection.open(url, takeEvent, (reason) => ended(opening, reason));
  return opening;
}

async function ended(opening, reason) {
  if (connection !== (await opening)) return;
  connection = null;
  attach(null);
  interrupted();
  if (!present) return;
  if (reason === undefined) comeBack();
  else giveUp(`the server has ended the connection${reason && `: ${reason}`}`);
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
      const lobby = store.channel('lobby')?.joined ?? false;
      welcomed(await hello(opened, { nickname: store.me, lobby }, NAME_HELD));
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

/** Sends `hello`. Repeats it while the user's own old connection still holds the name. */
async function hello(opened, wish, patience) {
  const giveUp = Date.now() + patience;
  for (let delay = 300; ; delay = Math.min(delay * 1.5, 3_000)) {
    try {
      store.reconnectKey ??= rememberedKey(wish.nickname) ?? randomKey();
      const reconnect_key = store.reconnectKey;
      return await opened.request({ type: 'hello', version: 2, reconnect_key, ...wish });
    } catch (error) {
      const taken = error.code === 'nickname_in_use' && Date.now() < giveUp;
      if (!taken && error.code !== 'rate_limited') throw error;
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
  const before = store.idEpoch;
  // Servers without an epoch count ids from 1 again after each restart.
  store.idEpoch = welcome.epoch ?? welcome.boot;
  kept = welcome.reconnected ? welcome.channels : null;
  if (before !== null && store.idEpoch !== before) restarted();
  if (kept === null) forgetNonces();
  store.setMe(welcome.nickname);
  memory.reconnection.set({ nickname: welcome.nickname, key: store.reconnectKey });
  store.setConnection({ state: 'online', since: Date.now() });
}

// These events of the browser are reasons to check the connection.
addEventListener('online', () => (connection ? connection.probe() : skipDelay()));
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState !== 'visible') return;
  connection?.probe();
  skipDelay();
});
