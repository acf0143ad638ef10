// Joins channels, and fetches their earlier and missed messages.

import { Refused } from './connection.js';
import { requestPatiently } from './client.js';
import { fetched, hold, note, noteAtOnce, release } from './journal.js';
import { fold } from './names.js';
import { takeMarks } from './marks.js';
import { store } from './store.js';
import { keyOf } from './timeline.js';
import { phrase } from './words.js';

/** The number of messages that are fetched at first, and when the user scrolls back. */
const PAGE = 50;
/** The number of messages that are fetched at once when catching up. */
const LARGE_PAGE = 100;
/** This many channels of one join count as one request against the server's rate limit. */
const JOINED_AS_ONE = 5;
/** The most pages that are fetched at once, in case a server never reports the last page. */
const MOST_PAGES = 50;

/** Channels whose history is fetched in the background, one after the other. */
const waiting = new Set();
let fetchingInTurn = false;

/** Handles the roster of a channel, which the server sends after each join. */
export function entered(roster) {
  const channel = store.openChannel(roster.channel);
  const known = channel.members;
  channel.joined = true;
  channel.banned = false;
  const isReturning = channel.returning;
  channel.returning = false;
  channel.detailed = false;
  channel.topic = roster.topic;
  channel.count = roster.count;
  channel.members = new Map();
  for (const { nickname, role, account, bot } of roster.members) {
    const { away = null, status = null } = known.get(fold(nickname)) ?? {};
    channel.members.set(fold(nickname), { nickname, role, away, status, account, bot });
  }
  // If several channels are joined at once, the server shortens some of the rosters.
  channel.partial = isReturning && channel.members.size < channel.count;
  takeMarks(channel, roster);
  store.remember();
  for (const kind of ['list', 'members', 'topic']) store.changed(kind, channel);
  // The missed messages follow; see `missed.js`.
  if (isReturning && store.ahead !== null && channel.complete) return channel;
  if (channel === store.active) catchUp(channel);
  else catchUpLater(channel);
  return channel;
}

/** Joins channels again after the connection was lost. The first one is the active one. */
export async function rejoin(channels) {
  for (const channel of channels) {
    channel.returning = true;
    hold(channel);
  }
  if (channels.length > 0) await joinMany(channels);
}

/**
 * Handles a reconnect after which the server has kept the user in the channels of these names. The
 * server sends their rosters by itself. The user is not in the other channels any more.
 */
export function stayed(channels, names) {
  const keys = new Set(names.map(fold));
  for (const channel of channels) {
    if (keys.has(fold(channel.name))) {
      channel.returning = true;
      hold(channel);
    } else {
      lost(channel, phrase`You are not in ${channel.title} any more.`);
    }
  }
}

/** Joins channels with one request. The server sends the rosters as events before the answer. */
async function joinMany(channels) {
  const targets = channels.map(({ name, password }) =>
    password ? { channel: name, key: password } : name,
  );
  try {
    const cost = Math.ceil(targets.length / JOINED_AS_ONE);
    const { refused } = await requestPatiently({ type: 'join', channels: targets }, cost);
    for (const { channel, message } of refused) notReturned(store.channel(channel), message);
  } catch (error) {
    if (error instanceof Refused && channels.length > 1) {
      // The server accepts fewer channels at once, or the request is too long.
      const half = Math.ceil(channels.length / 2);
      await joinMany(channels.slice(0, half));
      await joinMany(channels.slice(half));
    } else {
      const message = error instanceof Refused ? error.message : null;
      for (const channel of channels) notReturned(channel, message);
    }
  }
}

/** Handles a channel that could not be joined again. `message` is null if the connection broke. */
function notReturned(channel, message) {
  if (!channel) return;
  channel.returning = false;
  release(channel, { messages: false });
  if (message !== null) lost(channel, phrase`You could not come back: ${message}.`);
}

/** Cancels all fetching when the connection breaks. It begins again after the reconnect. */
export function interrupted() {
  for (const channel of waiting) channel.fetching = null;
  waiting.clear();
  store.ahead = null;
  for (const conversation of store.conversations.values()) {
    release(conversation, { messages: !conversation.isChannel });
  }
}

/**
 * Handles that the page has received all missed messages, so that it can show those that came
 * meanwhile, and send those that were not acknowledged.
 */
export function caughtUp() {
  for (const conversation of store.conversations.values()) {
    if (conversation.isChannel && !(conversation.joined && conversation.complete)) continue;
    conversation.unbroken = true;
    if (conversation.fetching) continue;
    if (!conversation.returning) release(conversation, { messages: true });
    if (conversation.isChannel && !conversation.returning) conversation.ready = true;
    store.changed('timeline', conversation);
  }
  const { active } = store;
  if (active?.isChannel && active.ready && !active.fetching) addDetails(active);
}

/** Fetches the members of a channel and their roles again. */
export async function refreshRoster(channel) {
  try {
    entered(await requestPatiently({ type: 'join', channel: channel.name }));
  } catch {
    // After a lost connection or a removal, the next join brings a new roster.
  }
}

/** Handles that the user is not in a channel any more. */
export function lost(channel, why) {
  channel.joined = false;
  channel.ready = false;
  channel.complete = false;
  channel.members = new Map();
  channel.count = 0;
  note(channel, why, { tone: 'error' });
  store.remember();
  for (const kind of ['list', 'members', 'topic']) store.changed(kind, channel);
}

/** Fetches missed messages in the background, or as soon as the user opens the channel. */
export function catchUpLater(channel) {
  hold(channel);
  if (channel.fetching?.running) {
    channel.fetching.again = true;
    return;
  }
  channel.fetching = { running: false };
  waiting.add(channel);
  if (!fetchingInTurn) fetchInTurn();
}

async function fetchInTurn() {
  fetchingInTurn = true;
  for (const channel of waiting) await catchUp(channel);
  fetchingInTurn = false;
}

/** Fetches all messages since the last known one. New entries are held back until that is done. */
export async function catchUp(channel) {
  waiting.delete(channel);
  hold(channel);
  if (channel.fetching?.running) {
    channel.fetching.again = true;
    return;
  }
  const run = { running: true, again: true };
  channel.fetching = run;
  let complete = (channel.complete = false);
  while (run.again) {
    run.again = false;
    complete = await attempt(channel);
  }
  channel.fetching = null;
  channel.complete = complete && channel.joined;
  // For a channel that is being joined again, entries are held back until its history is here.
  if (!channel.returning) release(channel, { messages: complete });
  if (complete && channel.joined && !channel.returning) channel.ready = true;
  store.changed('timeline', channel);
  if (complete && channel === store.active) await addDetails(channel);
}

/** Fetches the details that matter once a channel is shown: its full roster, or who is away. */
async function addDetails(channel) {
  if (!channel.joined || channel.detailed) return;
  channel.detailed = true;
  if (channel.partial) {
    channel.partial = false;
    await refreshRoster(channel);
  } else {
    await refreshAway(channel);
  }
}

/** Fetches missing messages and details of a conversation that the user opens. */
export function fetchMissing(conversation) {
  if (!conversation) return;
  if (!conversation.isChannel) {
    const { complete, fetching } = conversation;
    if (store.hasAccount && !complete && !fetching) catchUp(conversation);
  } else if (waiting.has(conversation)) catchUp(conversation);
  else if (!conversation.fetching) addDetails(conversation);
}

export function startSync() {
  store.on('active', fetchMissing);
}

async function attempt(channel) {
  try {
    const last = channel.timeline.last();
    if (last && channel.visited) await fetchAfter(channel, last);
    else await fetchLatest(channel);
    return true;
  } catch (error) {
    if (!(error instanceof Refused)) return false;
    // Nothing is known about the other user.
    if (!channel.isChannel) return true;
    if (error.code === 'not_in_channel' || error.code === 'no_such_channel') {
      lost(channel, phrase`You are not in ${channel.title} any more.`);
    } else {
      note(channel, phrase`Messages could not be fetched: ${error.message}.`, { tone: 'error' });
    }
    return true;
  }
}

async function fetchLatest(channel) {
  const page = await history(channel, { limit: PAGE });
  channel.more = page.more;
  const { known, visited } = channel;
  const isJoined = !page.more || (known !== null && page.messages[0]?.id <= known);
  channel.unbroken = store.resumed || isJoined;
  // Messages from before the first join are not unread. Messages that were sent during a reload, or
  // while the connection was lost, are.
  const isCounted = channel.counted;
  const isNews = ({ id }) => !isCounted && (visited || (known !== null && id > known));
  fetched(channel, page.messages.filter((message) => !isNews(message)), { seen: true });
  fetched(channel, page.messages.filter(isNews), { seen: false });
  channel.visited = true;
}

/**
 * Fetches the messages after the last known one. The request includes that message: if the server
 * does not return it, the server has dropped it, or was restarted and numbers messages from one
 * again. Then the messages are read from the newest backwards.
 */
async function fetchAfter(channel, last) {
  if (last.epoch !== store.epoch) {
    await fetchUntilKnown(channel, last);
    return;
  }
  let page = await history(channel, { after: Math.max(0, last.id - 1), limit: LARGE_PAGE });
  if (page.messages.length === 0 || keyOf(page.messages[0]) !== last.key) {
    await fetchUntilKnown(channel, last);
    return;
  }
  channel.unbroken = true;
  fetched(channel, page.messages, { seen: channel.counted });
  for (let pages = 1; page.more && page.messages.length > 0 && pages < MOST_PAGES; pages++) {
    page = await history(channel, { after: page.messages.at(-1).id, limit: LARGE_PAGE });
    fetched(channel, page.messages, { seen: channel.counted });
  }
}

/** Fetches from the newest message back to a known one, or to the oldest of the server. */
async function fetchUntilKnown(channel, last) {
  const { timeline } = channel;
  const isKnown = (message) => timeline.get(keyOf(message)) !== undefined;
  let messages = [];
  let page = await history(channel, { limit: LARGE_PAGE });
  for (let pages = 1; ; pages++) {
    messages = [...page.messages, ...messages];
    const done = page.messages.length === 0 || page.messages.some(isKnown);
    if (done || !page.more || pages >= MOST_PAGES) break;
    page = await history(channel, { before: page.messages[0].id, limit: LARGE_PAGE });
  }
  const found = messages.some(isKnown);
  const fresh = messages.filter((message) => !isKnown(message));
  // After a restart, the page has shown a line already.
  const gap = !found && fresh.length > 0 && last.epoch === store.epoch;
  if (gap) noteAtOnce(channel, 'Some messages in between may be missing.');
  channel.unbroken = found;
  // All messages of the server have been fetched, so it has no older ones.
  if (!found) channel.more = false;
  fetched(channel, fresh, { seen: channel.counted });
}

/** Handles a restart of the server: new messages are newer than known ones, whatever their ids. */
export function restarted() {
  store.epoch += 1;
  store.received = 0;
  for (const conversation of store.conversations.values()) {
    if (conversation.known !== null) conversation.known = 0;
    if (conversation.marker !== null) conversation.marker = 0;
    conversation.lastRead = conversation.reported = 0;
    conversation.complete = false;
    for (const entry of conversation.outgoing) entry.after = 0;
    if (conversation.timeline.entries.length > 0) noteAtOnce(conversation, 'The server was restarted.');
  }
}

/** Returns true if the server may have messages that are older than those on the page. */
export const hasOlder = ({ isChannel, joined, more, timeline }) =>
  (isChannel || store.hasAccount) && joined && (more || timeline.shortened);

/** Fetches messages older than the oldest known one. */
export async function fetchOlder(channel) {
  const first = channel.timeline.first();
  if (!first || !hasOlder(channel) || channel.loadingOlder) return;
  channel.loadingOlder = true;
  store.changed('timeline', channel);
  try {
    const page = await history(channel, { before: first.id, limit: PAGE });
    channel.timeline.shortened = false;
    channel.more = page.more && page.messages.length > 0;
    fetched(channel, page.messages, { seen: true });
  } catch (error) {
    if (error instanceof Refused) channel.more = channel.timeline.shortened = false;
  }
  channel.loadingOlder = false;
  store.changed('timeline', channel);
}

/** Fetches the away messages and statuses of the members, which a roster does not contain. */
async function refreshAway(channel) {
  try {
    const { users } = await requestPatiently({ type: 'users', channel: channel.name });
    for (const { nickname, away, data } of users) {
      const member = channel.members.get(fold(nickname));
      if (member) Object.assign(member, { away, status: data?.status ?? null });
    }
    store.changed('members', channel);
  } catch {
    // Away messages are not essential.
  }
}

const history = ({ isChannel, name }, range) => {
  const place = isChannel ? { channel: name } : { to: name };
  return requestPatiently({ type: 'history', ...place, ...range });
};
