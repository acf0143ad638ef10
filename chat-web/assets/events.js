// Handles the events of the server.

import { amended, conversationOf, deed, heard, move } from './journal.js';
import { takeRead } from './marks.js';
import { fetchMissed, takeMissed } from './missed.js';
import { modeWords } from './modes.js';
import { channelTitle, fold, privateKey } from './names.js';
import { notify, tell } from './notices.js';
import { takeReaction } from './reactions.js';
import { store } from './store.js';
import { catchUp, entered, lost, refreshRoster } from './sync.js';
import { takeTyping } from './typing.js';
import { counted, phrase } from './words.js';

/** Handles one event. Unknown types are ignored: a newer server may send more. */
export function takeEvent(object) {
  HANDLERS[object.type]?.(object);
}

const HANDLERS = {
  roster: entered,

  chat(message) {
    heard(conversationOf(message), message);
  },

  deleted({ id, nickname, channel, to, by, at, reason }) {
    const conversation = conversationOf({ nickname, channel, to });
    amended(conversation, id, { text: '[deleted]', deleted: { by, at, reason }, mentioned: false });
  },

  edited(message) {
    const { id, text, edited_at } = message;
    amended(conversationOf(message), id, { text, edited_at });
  },

  pinned({ id, channel: name, sender, by, removed }) {
    inChannel(name, (channel) => {
      amended(channel, id, { pinned: removed ? undefined : { by } });
      const done = removed ? 'unpinned' : 'pinned';
      deed(channel, phrase`${by} ${done} a message of ${sender}`);
    });
  },

  reacted(reaction) {
    const { sender: nickname, channel, to } = reaction;
    takeReaction(conversationOf({ nickname, channel, to }), reaction);
  },

  missed: takeMissed,

  signal: takeTyping,

  read: takeRead,

  user_joined({ channel: name, nickname, account, bot, data }) {
    inChannel(name, (channel) => {
      const status = data?.status ?? null;
      const member = { nickname, role: 'member', away: null, status, account, bot };
      channel.members.set(fold(nickname), member);
      channel.count += 1;
      move(channel, phrase`${nickname} joined`, { did: 'joined', nickname });
      store.changed('members', channel);
    });
  },

  user_left({ channel: name, nickname, reason }) {
    inChannel(name, (channel) => {
      if (store.isMe(nickname)) {
        lost(channel, phrase`You left ${channel.title} in another window.`);
        return;
      }
      gone(channel, nickname);
      move(channel, withReason(phrase`${nickname} left`, reason), { did: 'left', nickname });
    });
  },

  renamed({ from, to }) {
    renamed(from, to);
  },

  topic({ channel: name, topic, by }) {
    inChannel(name, (channel) => {
      channel.topic = topic;
      deed(channel, topic ? phrase`${by} set the topic: ${topic}` : phrase`${by} removed the topic`);
      store.changed('topic', channel);
    });
  },

  modes(modes) {
    inChannel(modes.channel, (channel) => {
      channel.password = modes.key;
      deed(channel, phrase`${modes.by} set the modes: ${modeWords(modes)}`);
    });
  },

  role({ channel: name, nickname, role, by }) {
    inChannel(name, (channel) => {
      const member = channel.members.get(fold(nickname));
      if (member) member.role = role;
      deed(channel, phrase`${nickname} was made ${role} by ${by}`);
      store.changed('members', channel);
    });
  },

  kicked({ channel: name, nickname, by, reason, banned }) {
    const done = banned ? 'banned' : 'kicked';
    inChannel(name, (channel) => {
      if (store.isMe(nickname)) {
        channel.banned = Boolean(banned);
        lost(channel, withReason(phrase`${by} ${done} you from ${channel.title}`, reason));
        return;
      }
      gone(channel, nickname);
      deed(channel, withReason(phrase`${nickname} was ${done} by ${by}`, reason));
    });
  },

  channel_closed({ channel: name, by, reason }) {
    inChannel(name, (channel) => {
      lost(channel, withReason(phrase`${by} closed ${channel.title}`, reason));
    });
  },

  muted({ channel: name, nickname, by, reason }) {
    inChannel(name, (channel) => {
      deed(channel, withReason(phrase`${nickname} was muted by ${by}`, reason));
    });
  },

  unmuted({ channel: name, nickname, by }) {
    inChannel(name, (channel) => deed(channel, phrase`${nickname} was unmuted by ${by}`));
  },

  invited({ channel, by }) {
    const action = { label: 'Join', command: `/join ${channel}` };
    notify(`invitation-${fold(channel)}`, phrase`${by} invites you to ${channelTitle(channel)}.`, { action, channel });
  },

  user_changed({ nickname, account, bot, data }) {
    mark(nickname, { account, bot });
    markStatus(nickname, data?.status ?? null);
  },

  away({ nickname, message }) {
    markAway(nickname, message ?? null);
  },

  lagged({ missed }) {
    const what = `The connection was too slow, and ${counted(missed, 'update')} did not arrive.`;
    if (store.hasAccount) return refetchAll(what);
    tell(store.active, `${what} Channels are fetched again; a private message may be lost.`);
    for (const channel of store.channels()) if (channel.joined) refetch(channel);
  },

  shutting_down() {
    store.changed('reason', 'The server is shutting down.');
  },

  error({ message }) {
    store.changed('reason', `The server says: ${message}.`);
  },
};

/** Shows that a user, possibly this one, has a new name. */
export function renamed(from, to) {
  const own = store.isMe(from);
  const text = own ? phrase`You are now known as ${to}` : phrase`${from} is now known as ${to}`;
  const change = { did: 'renamed', nickname: from, to };
  if (own) store.setMe(to);
  for (const channel of store.channels()) {
    const member = channel.members.get(fold(from));
    if (!member) continue;
    channel.members.delete(fold(from));
    channel.members.set(fold(to), { ...member, nickname: to });
    move(channel, text, change);
    store.changed('members', channel);
  }
  const conversation = store.conversations.get(privateKey(from));
  if (!conversation) return;
  move(conversation, text, change);
  store.rekey(conversation, to);
}

export const markAway = (nickname, away) => mark(nickname, { away });

export function markStatus(nickname, status) {
  mark(nickname, { status });
  if (!store.isMe(nickname)) return;
  store.status = status;
  store.changed('me');
}

/** Changes what is known of a member in all channels. */
function mark(nickname, change) {
  for (const channel of store.channels()) {
    const member = channel.members.get(fold(nickname));
    if (!member) continue;
    Object.assign(member, change);
    store.changed('members', channel);
  }
}

/** Removes a member from a channel. */
export function gone(channel, nickname) {
  if (channel.members.delete(fold(nickname)) || channel.count > channel.members.size) {
    channel.count -= 1;
  }
  store.changed('members', channel);
}

/** Appends the reason to a phrase, if there is one. */
export const withReason = (parts, reason) => (reason ? [...parts, ...phrase`: ${reason}`] : parts);

/**
 * Fetches a channel again. The history comes first, because it fails if the user is not in the
 * channel any more. The roster is requested with a join, which would re-enter the channel.
 */
async function refetch(channel) {
  await catchUp(channel);
  if (channel.joined) await refreshRoster(channel);
}

/** Fetches everything that was dropped, of private conversations too. */
async function refetchAll(what) {
  tell(store.active, `${what} Missed messages are fetched again.`);
  await fetchMissed();
  for (const channel of store.channels()) if (channel.joined) await refreshRoster(channel);
}

function inChannel(name, act) {
  const channel = store.channel(name);
  if (channel) act(channel);
}
