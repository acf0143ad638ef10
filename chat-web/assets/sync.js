// Entering channels, and fetching what was said before and meanwhile.

import { Refused } from './connection.js';
import { requestPatiently } from './client.js';
import { fetched, hold, note, noteAtOnce, release } from './journal.js';
import { fold } from './names.js';
import { store } from './store.js';
import { keyOf } from './timeline.js';
import { phrase } from './words.js';

/** How many messages are fetched at first, and for each look further back. */
const PAGE = 50;
/** How many at once when catching up. */
const LARGE_PAGE = 100;
/** This many channels that are joined at once count as one request against the server's limit. */
const JOINED_AS_ONE = 5;
/** More pages than any server keeps; an end to asking if one never says that there is no more. */
const MOST_PAGES = 50;

/** Channels whose history is fetched when there is time, one after the other. */
const waiting = new Set();
let fetchingInTurn = false;

/** One is in a channel, as its roster tells: after joining it, and again after joining it anew. */
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
  for (const { nickname, role } of roster.members) {
    const away = known.get(fold(nickname))?.away ?? null;
    channel.members.set(fold(nickname), { nickname, role, away });
  }
  // Of several rosters at once, only some have all the members that a roster can have.
  channel.partial = isReturning && channel.members.size < channel.count;
  store.remember();
  for (const kind of ['list', 'members', 'topic']) store.changed(kind, channel);
  if (channel === store.active) catchUp(channel);
  else catchUpLater(channel);
  return channel;
}

/** Comes back into channels after the connection was lost. The first is the one that the user looks at. */
export async function rejoin(channels) {
  for (const channel of channels) {
    channel.returning = true;
    hold(channel);
  }
  if (channels.length > 0) await joinMany(channels);
}

/**
 * The server has kept the user while the connection was lost, in channels of these names. Their rosters come unasked. In the
 * others the user is not any more.
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

/** Joins channels with one request. The rosters come unasked, before the answer. */
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
      // The server takes fewer at once, or the request is too long.
      const half = Math.ceil(channels.length / 2);
      await joinMany(channels.slice(0, half));
      await joinMany(channels.slice(half));
    } else {
      const message = error instanceof Refused ? error.message : null;
      for (const channel of channels) notReturned(channel, message);
    }
  }
}

/** One could not come back into a channel, for a reason of the server's, or since the connection broke again. */
function notReturned(channel, message) {
  if (!channel) return;
  channel.returning = false;
  release(channel, { messages: false });
  if (message !== null) lost(channel, phrase`You could not come back: ${message}.`);
}

/** The connection broke: what was to be fetched over it will be fetched over the next. */
export function interrupted() {
  for (const channel of waiting) channel.fetching = null;
  waiting.clear();
  for (const conversation of store.conversations.values()) release(conversation, { messages: false });
}

/** Asks again who is in a channel, and with which role. */
export async function refreshRoster(channel) {
  try {
    entered(await requestPatiently({ type: 'join', channel: channel.name }));
  } catch {
    // Whoever lost the connection or the channel meanwhile gets a new roster when they are back.
  }
}

/** One is not in a channel any more, without having left it. */
export function lost(channel, why) {
  channel.joined = false;
  channel.ready = false;
  channel.members = new Map();
  channel.count = 0;
  note(channel, why, { tone: 'error' });
  store.remember();
  for (const kind of ['list', 'members', 'topic']) store.changed(kind, channel);
}

/** Fetches what was missed when there is time, or when the user looks at the channel. */
function catchUpLater(channel) {
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

/** Fetches everything since the last message that is here; all that is said meanwhile is shown after that. */
export async function catchUp(channel) {
  waiting.delete(channel);
  hold(channel);
  if (channel.fetching?.running) {
    channel.fetching.again = true;
    return;
  }
  const run = { running: true, again: true };
  channel.fetching = run;
  let complete = false;
  while (run.again) {
    run.again = false;
    complete = await attempt(channel);
  }
  channel.fetching = null;
  // What is held for a channel that one is about to enter again waits for its history.
  if (!channel.returning) release(channel, { messages: complete });
  if (complete && channel.joined && !channel.returning) channel.ready = true;
  store.changed('timeline', channel);
  if (complete && channel === store.active) await addDetails(channel);
}

/** Fetches what only matters once the user looks at a channel: all of its members, and which of them are away. */
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

/** The user looks at a conversation: what it still lacks is fetched at once. */
function look(conversation) {
  if (!conversation?.isChannel) return;
  if (waiting.has(conversation)) catchUp(conversation);
  else if (!conversation.fetching) addDetails(conversation);
}

export function startSync() {
  store.on('active', look);
}

async function attempt(channel) {
  try {
    const last = channel.timeline.last();
    if (last) await fetchMissed(channel, last);
    else await fetchLatest(channel);
    return true;
  } catch (error) {
    if (!(error instanceof Refused)) return false;
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
  channel.unbroken = !page.more || (known !== null && page.messages[0]?.id <= known);
  // What was said before one came is no news; what was said during a reload, or while the connection was lost, is.
  const isNews = ({ id }) => visited || (known !== null && id > known);
  fetched(channel, page.messages.filter((message) => !isNews(message)), { seen: true });
  fetched(channel, page.messages.filter(isNews), { seen: false });
  channel.visited = true;
}

/**
 * The page after the last message begins with that message. If it does not, the server has forgotten it meanwhile, or
 * was restarted and counts from one again: then the gap is read from its other end.
 */
async function fetchMissed(channel, last) {
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
  fetched(channel, page.messages, { seen: false });
  for (let pages = 1; page.more && page.messages.length > 0 && pages < MOST_PAGES; pages++) {
    page = await history(channel, { after: page.messages.at(-1).id, limit: LARGE_PAGE });
    fetched(channel, page.messages, { seen: false });
  }
}

/** Goes back from the newest message to one that is here, or to the end of what the server remembers. */
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
  // After a restart there is a line already.
  const gap = !found && fresh.length > 0 && last.epoch === store.epoch;
  if (gap) noteAtOnce(channel, 'Some messages in between may be missing.');
  channel.unbroken = found;
  // What is older than what the server has is only here.
  if (!found) channel.more = false;
  fetched(channel, fresh, { seen: false });
}

/** The server was restarted: everything from now on is newer than what is here, whatever its ids are. */
export function restarted() {
  store.epoch += 1;
  for (const conversation of store.conversations.values()) {
    if (conversation.known !== null) conversation.known = 0;
    for (const entry of conversation.outgoing) entry.after = 0;
    if (conversation.timeline.entries.length > 0) noteAtOnce(conversation, 'The server was restarted.');
  }
}

/** Fetches messages older than the oldest here. */
export async function fetchOlder(channel) {
  const first = channel.timeline.first();
  if (!first || !channel.more || channel.loadingOlder || channel.timeline.isFull) return;
  channel.loadingOlder = true;
  store.changed('timeline', channel);
  try {
    const page = await history(channel, { before: first.id, limit: PAGE });
    channel.more = page.more && page.messages.length > 0;
    fetched(channel, page.messages, { seen: true });
  } catch (error) {
    if (error instanceof Refused) channel.more = false;
  }
  channel.loadingOlder = false;
  store.changed('timeline', channel);
}

/** A roster does not say who is away; this does. */
async function refreshAway(channel) {
  try {
    const { users } = await requestPatiently({ type: 'users', channel: channel.name });
    for (const { nickname, away } of users) {
      const member = channel.members.get(fold(nickname));
      if (member) member.away = away;
    }
    store.changed('members', channel);
  } catch {
    // It is a nicety.
  }
}

const history = (channel, range) =>
  requestPatiently({ type: 'history', channel: channel.name, ...range });
