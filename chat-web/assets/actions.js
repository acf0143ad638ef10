// The actions of a user besides sending messages. Each returns a promise, which rejects with the
// server's refusal.

import { request } from './client.js';
import { confirm } from './confirm.js';
import { gone, markAway, markStatus, renamed, withReason } from './events.js';
import { deed } from './journal.js';
import * as memory from './memory.js';
import { modeWords } from './modes.js';
import { bareChannel, fold, sameName } from './names.js';
import { quit } from './session.js';
import { store } from './store.js';
import { entered, lost, refreshRoster } from './sync.js';
import { isolated, phrase } from './words.js';

/** Joins a channel, or creates it, and shows it. */
export async function join(name, password) {
  const roster = await request({ type: 'join', channel: name, key: password });
  const channel = entered(roster);
  if (password) channel.password = password;
  store.activate(channel);
}

/** Leaves a channel, or closes a private conversation. An owner is asked first. */
export async function leave(conversation) {
  if (conversation.joined && conversation.isChannel) {
    if (isOwned(conversation)) {
      const { title } = conversation;
      const text = ownershipWarning(conversation);
      await confirm({ title: `Leave ${isolated(title)}?`, text, go: 'Leave' });
    }
    await request({ type: 'leave', channel: conversation.name });
  }
  store.close(conversation);
}

export async function leaveNamed(name) {
  const known = store.channel(name);
  if (known) return leave(known);
  return request({ type: 'leave', channel: name });
}

/** Leaves the chat. An owner of channels is asked first. */
export async function quitForGood(reason) {
  const owned = store.channels().filter(isOwned);
  if (owned.length > 0) {
    const text = owned.flatMap((channel) => [...ownershipWarning(channel), ' ']);
    await confirm({ title: 'Leave the chat?', text, go: 'Leave the chat' });
  }
  await quit(reason);
}

const isOwned = (channel) => channel.members.get(fold(store.me))?.role === 'owner';

/** Explains to an owner what happens to a channel and to the ownership after leaving. */
function ownershipWarning({ title, members, count }) {
  if (count <= 1) return phrase`Nobody else is in ${title}: it ends when you leave.`;
  const owners = [...members.values()].filter(({ role }) => role === 'owner');
  return owners.length > 1
    ? phrase`You are an owner of ${title}, and will not be one when you come back.`
    : phrase`You are the only owner of ${title}: when you leave, it has none.`;
}

/** Opens a conversation with one person. */
export function talkTo(nickname) {
  const conversation = store.openPrivate(nickname);
  store.activate(conversation);
  return conversation;
}

export async function rename(raw) {
  const nickname = raw.trim();
  const from = store.me;
  await request({ type: 'rename', nickname });
  memory.nickname.set(nickname);
  if (from !== nickname) renamed(from, nickname);
}

/** Sets the topic; an empty one removes it. */
export async function setTopic(channel, text) {
  await request({ type: 'topic', channel: channel.name, topic: text });
  // The server may have changed the text.
  const { topic } = await request({ type: 'topic', channel: channel.name });
  channel.topic = topic;
  deed(channel, topic ? phrase`You set the topic: ${topic}` : 'You removed the topic');
  store.changed('topic', channel);
}

export async function setAway(message) {
  await request({ type: 'away', message });
  store.away = message ?? null;
  markAway(store.me, store.away);
  store.changed('me');
}

/** Sets the status that others see beside the name; null removes it. */
export async function setStatus(status) {
  await request({ type: 'set_data', data: { status } });
  markStatus(store.me, status);
}

/** Gives or takes a role: `{ grant }`, `{ revoke }` or `{ role }`. */
export async function setRole(channel, nickname, change) {
  await request({ type: 'role', channel: channel.name, nickname, ...change });
  // Only the server knows which role the user has now.
  await refreshRoster(channel);
  const role = channel.members.get(fold(nickname))?.role ?? 'member';
  deed(channel, phrase`You made ${nickname} ${role}`);
}

export async function kick(channel, nickname, reason) {
  await request({ type: 'kick', channel: channel.name, nickname, reason });
  removed(channel, nickname, 'kicked', reason);
}

export async function ban(channel, nickname, reason) {
  await request({ type: 'ban', channel: channel.name, nickname, reason });
  removed(channel, nickname, 'banned', reason);
}

/** Reports a user, `{ nickname }`, or a message, `{ id }`, to the operators of the server. */
export async function report(target, nickname, reason) {
  await request({ type: 'report', ...target, reason });
  const isUser = target.id === undefined;
  deed(
    store.active,
    isUser ? phrase`You reported ${nickname}` : phrase`You reported a message of ${nickname}`,
  );
}

/** `mute`, `unmute` or `unban`. */
export async function restrict(type, channel, nickname, reason) {
  await request({ type, channel: channel.name, nickname, reason });
  const done = { mute: 'muted', unmute: 'unmuted', unban: 'unbanned' }[type];
  deed(channel, withReason(phrase`You ${done} ${nickname}`, reason));
}

export async function invite(nickname, channelName) {
  await request({ type: 'invite', channel: channelName, nickname });
}

/** Changes modes, and logs the modes that the channel has then. */
export async function setModes(channel, changes) {
  await request({ type: 'modes', channel: channel.name, ...changes });
  const modes = await showModes(channel);
  deed(channel, phrase`You set the modes: ${modeWords(modes)}`);
}

export async function showModes(channel) {
  const modes = await request({ type: 'modes', channel: channel.name });
  channel.password = modes.key;
  return modes;
}

/** Returns the first entries of a list of the channel, such as `bans`, and the number of all. */
export const listEntries = (channel, list) => request({ type: list, channel: channel.name });

/** The requests that remove an entry from each list. */
const UNLIST = {
  bans: { type: 'unban' },
  mutes: { type: 'unmute' },
  exceptions: { type: 'unexempt' },
  mute_exceptions: { type: 'unexempt', from: 'mutes' },
  invite_exceptions: { type: 'uninvite' },
};

/** Removes an entry from a list of the channel. */
export async function unlist(channel, list, { nickname, mask }) {
  await request({ ...UNLIST[list], channel: channel.name, nickname, mask });
  deed(channel, phrase`You removed ${nickname ?? mask} from the ${list.replace('_', ' ')}`);
}

/** Returns all channels that the user may see. */
export async function listChannels() {
  const { channels, count } = await request({ type: 'channels' });
  return { channels, omitted: count - channels.length };
}

/** Returns the names of all users, or of the members of a channel, sorted. */
export async function listUsers(name) {
  const channel = name && bareChannel(name);
  const { users, count } = await request({ type: 'users', channel });
  return { names: users.map((user) => user.nickname), omitted: count - users.length };
}

/**
 * Shows that the user has removed a member. The server sends the event to everybody else; the user
 * who did it gets only an acknowledgement.
 */
function removed(channel, nickname, done, reason) {
  if (sameName(nickname, store.me)) {
    lost(channel, `You ${done} yourself.`);
    return;
  }
  if (channel.members.has(fold(nickname))) gone(channel, nickname);
  deed(channel, withReason(phrase`You ${done} ${nickname}`, reason));
}
