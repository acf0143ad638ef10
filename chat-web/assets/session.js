// Being somebody on the server: taking a name, and coming back under it when the connection was lost.

import { attach, pause, request } from './client.js';
import { Connection, Disconnected, Refused } from './connection.js';
import { takeEvent } from './events.js';
import * as memory from './memory.js';
import { sameName } from './names.js';
import { store } from './store.js';
import { interrupted, rejoin, restarted, stayed } from './sync.js';

/** Delays before coming back: from here, doubling, to there. */
const FIRST_DELAY = 500;
const LONGEST_DELAY = 30_000;
/** A connection that lasted so long was a good one, and the delays begin anew. */
const GOOD = 5_000;
/** How long the server may take to notice that one's old connection is dead: then the name is free. */
const NAME_HELD = 120_000;

let connection = null;
/** Whether the user is in, and wants to stay. */
let present = false;
/** Counts what the user has decided; what goes on for an older decision ends when it sees that it is. */
let decision = 0;
let attempts = 0;
/** The channels in which the server has kept the user while the connection was lost; null: it has not kept the user. */
let kept = null;
let hurry = () => {};

/** Takes a name (`{ nickname }`, or `{ guest: true }`). Rejects with what to tell the user. */
export async function enter(wish, { patience = 0, lobby = true } = {}) {
  attempts = 0;
  decision += 1;
  store.setConnection({ state: 'connecting' });
  try {
    // A connection on which a name was refused is still good for another.
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

/** Gives up coming back, to choose another name. What was said stays on the page. */
export function stopReturning() {
  present = false;
  decision += 1;
  hurry();
  connection?.close();
  connection = null;
  store.setConnection({ state: 'offline' });
}

/** Tries again now rather than later. */
export const hurryUp = () => hurry();

/**
 * Goes back into all channels: at first into the one that the user looks at. If the server has kept the user, they are still
 * in those that the server names.
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
 * The WebSocket is beside the folder that this file is in. The page's own address would not do: nested at `/chat`, it is
 * there with and without a `/` at the end.
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
  if (Date.now() - store.connection.since > GOOD) attempts = 0;
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
      // No answer: once more. An answer that says no will be the same next time.
      if (decision !== mine || !(error instanceof Refused)) continue;
      return giveUp(error.message);
    }
  }
}

/** Stays away until the user takes a name again. */
function giveUp(message) {
  present = false;
  store.setConnection({ state: 'offline' });
  store.changed('refused', message);
}

/** Each delay is drawn by lot, so that all who lost a server do not come back in one moment. */
async function waitBeforeAttempt() {
  const longest = Math.min(FIRST_DELAY * 2 ** attempts, LONGEST_DELAY);
  const delay = longest * (0.5 + Math.random() / 2);
  attempts += 1;
  store.setConnection({ state: 'offline', retryAt: Date.now() + delay });
  await Promise.race([pause(delay), new Promise((resolve) => (hurry = resolve))]);
  hurry = () => {};
}

/** Says who one is; while the name is still taken by one's own old connection, again and again. */
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

/** Nobody can guess it: it has 128 random bits. */
const randomKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

function rememberedKey(nickname) {
  const last = memory.reconnection.get();
  return last && nickname && sameName(last.nickname, nickname) ? last.key : null;
}

function welcomed(welcome) {
  attach(connection);
  present = true;
  const before = store.boot;
  store.boot = welcome.boot;
  kept = welcome.reconnected ? welcome.channels : null;
  if (before !== null && welcome.boot !== before) restarted();
  store.setMe(welcome.nickname);
  memory.reconnection.set({ nickname: welcome.nickname, key: store.reconnectKey });
  store.setConnection({ state: 'online', since: Date.now() });
}

// The browser knows of some reasons to look after the connection.
addEventListener('online', () => (connection ? connection.probe() : hurry()));
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState !== 'visible') return;
  connection?.probe();
  hurry();
});
