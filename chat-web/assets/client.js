// The way to the server, for those who ask it for something and need not know how it is reached.

import { Disconnected, Refused } from './connection.js';

let connection = null;

/** From now on this connection is used; null: none. The server counts the commands of each connection by itself. */
export function attach(opened) {
  connection = opened;
  nextFree = 0;
}

export function request(object) {
  if (!connection) return Promise.reject(new Disconnected('not connected'));
  return connection.request(object);
}

/**
 * Asks for something that the user is not waiting for, such as missed messages: not too much at once, and again when the
 * server says that it was too much. It never goes on over another connection than the one that it began on. A request
 * may count as several, as `cost` says.
 */
export async function requestPatiently(object, cost = 1) {
  const begun = connection;
  if (!begun) throw new Disconnected('not connected');
  for (;;) {
    await pause(courtesy(cost));
    if (connection !== begun) throw new Disconnected('the connection broke');
    try {
      return await begun.request(object);
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== 'rate_limited') throw error;
      await pause(error.retryAfter);
    }
  }
}

/** A server takes twenty commands at once and then ten a second. Half of that is left to the user. */
const BURST = 10;
const INTERVAL = 200;
let nextFree = 0;

/** How long to wait before the next request of this kind, which counts as `cost` of them. */
function courtesy(cost) {
  const now = Date.now();
  nextFree = Math.max(nextFree, now - BURST * INTERVAL) + INTERVAL * cost;
  return Math.max(0, nextFree - now);
}

export const pause = (delay) =>
  delay > 0 ? new Promise((resolve) => setTimeout(resolve, delay)) : Promise.resolve();
