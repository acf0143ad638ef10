// Sends requests over the current connection, for modules that do not manage connections.

import { Disconnected, Refused } from './connection.js';

let connection = null;

/**
 * Sets the connection that requests use; null: none. The server limits the rate of each connection
 * separately.
 */
export function attach(opened) {
  connection = opened;
  nextFree = 0;
}

export function request(object) {
  if (!connection) return Promise.reject(new Disconnected('not connected'));
  return connection.request(object);
}

/**
 * Sends a background request, such as for missed messages: at a limited rate, and again after the
 * server has answered `rate_limited`. It fails if the connection on which it began is replaced. A
 * request counts as `cost` requests.
 */
export async function requestPatiently(object, cost = 1) {
  const begun = connection;
  if (!begun) throw new Disconnected('not connected');
  for (;;) {
    await pause(backgroundDelay(cost));
    if (connection !== begun) throw new Disconnected('the connection broke');
    try {
      return await begun.request(object);
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== 'rate_limited') throw error;
      await pause(error.retryAfter);
    }
  }
}

/**
 * A server accepts a burst of twenty commands and then ten a second. Background requests use half
 * of that and leave the rest to the user.
 */
const BURST = 10;
const INTERVAL = 200;
let nextFree = 0;

/** Returns how long to wait before the next background request, which counts as `cost` requests. */
function backgroundDelay(cost) {
  const now = Date.now();
  nextFree = Math.max(nextFree, now - BURST * INTERVAL) + INTERVAL * cost;
  return Math.max(0, nextFree - now);
}

export const pause = (delay) =>
  delay > 0 ? new Promise((resolve) => setTimeout(resolve, delay)) : Promise.resolve();
