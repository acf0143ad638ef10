// The list of `/` commands.

import * as actions from './actions.js';
import { setAlerts } from './alerts.js';
import { deleteMessage, editMessage, lastOwn } from './amend.js';
import { request } from './client.js';
import { fetched, note } from './journal.js';
import { logOut } from './logout.js';
import { modeWords, parseModes } from './modes.js';
import { bareChannel, byName, channelKey, channelTitle, privateKey } from './names.js';
import { say, sayFirst } from './outbox.js';
import { store } from './store.js';
import { counted, firstWord, phrase } from './words.js';

/** The number of messages that `/history` fetches by default. */
const HISTORY = 20;

/** An unknown or malformed command, with a text for the user. */
export class Usage extends Error {
  constructor(words) {
    super();
    this.words = words;
  }
}

/** Returns the conversation if it is a channel, for commands that work only there. */
function channelOf(conversation) {
  if (!conversation?.isChannel) throw new Error('that works in a channel only');
  return conversation;
}

const optional = (text) => text || undefined;
const listing = (names, omitted) => {
  const parts = names.flatMap((name) => [', ', { value: name }]).slice(1);
  return omitted > 0 ? [...parts, ` and ${omitted} more`] : parts;
};

/** All commands, in the order of the help. */
export const COMMANDS = [
  {
    names: ['name', 'nick'],
    usage: '/name <your_name>',
    help: 'Change your name',
    needs: true,
    run: (rest) => actions.rename(rest),
  },
  {
    names: ['users', 'who'],
    usage: '/users [channel]',
    help: 'List the users online, or the members of a channel',
    async run(rest, here) {
      const { names, omitted } = await actions.listUsers(optional(rest));
      note(here, [`Online users: `, ...listing(names, omitted)]);
    },
  },
  {
    names: ['join'],
    usage: '/join <channel> [key]',
    help: 'Join a channel, or create it',
    needs: true,
    run(rest) {
      const [channel, key] = firstWord(rest);
      return actions.join(channel, optional(key));
    },
  },
  {
    names: ['leave', 'part'],
    usage: '/leave [channel]',
    help: 'Leave a channel, or close a private conversation',
    run: (rest, here) => (rest ? actions.leaveNamed(rest) : here && actions.leave(here)),
  },
  {
    names: ['switch'],
    usage: '/switch <channel>',
    help: 'Show another of your channels',
    needs: true,
    run(rest) {
      const { conversations } = store;
      const found = conversations.get(channelKey(rest)) ?? conversations.get(privateKey(rest));
      if (!found) throw new Error('you are not in that channel; join it with: /join <channel>');
      store.activate(found);
    },
  },
  {
    names: ['channels', 'list'],
    usage: '/channels',
    help: 'List the channels',
    async run(_, here) {
      const { channels, omitted } = await actions.listChannels();
      channels.sort((one, other) => byName(one.name, other.name));
      const items = channels.map(({ name, members, topic }) => {
        return [channelTitle(name), counted(members, 'member') + (topic ? ` · ${topic}` : '')];
      });
      note(here, omitted > 0 ? `Channels, and ${omitted} more:` : 'Channels:', { items });
    },
  },
  {
    names: ['topic'],
    usage: '/topic [text]',
    help: 'Show or set the topic',
    async run(rest, here) {
      const channel = channelOf(here);
      if (rest) return actions.setTopic(channel, rest);
      const { topic, by } = await request({ type: 'topic', channel: channel.name });
      const { title } = channel;
      note(here, topic ? phrase`Topic of ${title}: ${topic} (set by ${by})` : phrase`${title} has no topic.`);
    },
  },
  {
    names: ['msg', 'w'],
    usage: '/msg <user> <text>',
    help: 'Send a private message',
    needs: true,
    lines: true,
    async run(rest) {
      const [user, text] = firstWord(rest);
      if (!text) throw new Usage('Usage: /msg <user> <text>');
      const known = store.conversations.get(privateKey(user));
      store.activate(known ?? (await sayFirst(user, text)));
      if (known) say(known, text);
    },
  },
  {
    names: ['me'],
    usage: '/me <action>',
    help: 'Describe an action',
    needs: true,
    lines: true,
    run: (rest, here) => here && say(here, rest, 'action'),
  },
  {
    names: ['edit'],
    usage: '/edit <text>',
    help: 'Give your last message another text',
    needs: true,
    lines: true,
    run: (rest, here) => editMessage(here, lastOwn(here), rest),
  },
  {
    names: ['delete'],
    usage: '/delete [reason]',
    help: 'Delete your last message',
    run: (rest, here) => deleteMessage(here, lastOwn(here), optional(rest)),
  },
  {
    names: ['history'],
    usage: '/history [n]',
    help: 'Fetch the last messages',
    async run(rest, here) {
      const channel = channelOf(here);
      if (!/^\d{0,6}$/.test(rest)) throw new Usage('Usage: /history [n]');
      const limit = rest ? Number(rest) : HISTORY;
      const page = await request({ type: 'history', channel: channel.name, limit });
      fetched(channel, page.messages, { seen: true });
      const { length } = page.messages;
      const what = length === 1 ? 'The last message is' : `The last ${length} messages are`;
      note(here, length ? `${what} above.` : phrase`Nothing has been said in ${channel.title} yet.`);
    },
  },
  {
    names: ['search', 'find'],
    usage: '/search <words> [in:<channel>] [from:<user>] [before:<date>]',
    help: 'Find messages',
    run: (rest) => store.changed('search', rest),
  },
  {
    names: ['pins'],
    usage: '/pins',
    help: 'Show the pinned messages of the channel',
    run: (_, here) => store.changed('pins', channelOf(here)),
  },
  {
    names: ['away'],
    usage: '/away [text]',
    help: 'Mark yourself as away, or back',
    async run(rest, here) {
      await actions.setAway(optional(rest));
      note(here, rest ? phrase`You are away: ${rest}` : 'You are back.');
    },
  },
  {
    names: ['notifications'],
    usage: '/notifications <on | off>',
    help: 'Be notified of mentions and private messages, or not',
    needs: true,
    async run(rest, here) {
      if (!['on', 'off'].includes(rest)) throw new Usage(`Usage: ${this.usage}`);
      note(here, await setAlerts(rest === 'on'));
    },
  },
  {
    names: ['invite'],
    usage: '/invite <user> [channel]',
    help: 'Invite a user to a channel',
    needs: true,
    async run(rest, here) {
      const [user, given] = firstWord(rest);
      const channel = given ? bareChannel(given) : channelOf(here).name;
      await actions.invite(user, channel);
      note(here, phrase`${user} is invited to ${channelTitle(channel)}.`);
    },
  },
  role('op', 'Make a user an operator', { grant: 'operator' }),
  role('deop', 'Revoke the role of an operator', { revoke: 'operator' }),
  restriction('mute', 'Prevent a user from speaking'),
  restriction('unmute', 'Let a muted user speak again'),
  {
    names: ['kick'],
    usage: '/kick <user> [reason]',
    help: 'Remove a user from the channel',
    needs: true,
    run(rest, here) {
      const [user, reason] = firstWord(rest);
      return actions.kick(channelOf(here), user, optional(reason));
    },
  },
  {
    names: ['ban'],
    usage: '/ban <user> [reason]',
    help: 'Remove a user, and prevent them from coming back',
    needs: true,
    run(rest, here) {
      const [user, reason] = firstWord(rest);
      return actions.ban(channelOf(here), user, optional(reason));
    },
  },
  restriction('unban', 'Lift the ban of a user'),
  role('owner', 'Make a user an owner of the channel', { role: 'owner' }),
  role('voice', 'Let a user speak in a moderated channel', { grant: 'voiced' }),
  role('devoice', 'Revoke the voice of a user', { revoke: 'voiced' }),
  {
    names: ['modes', 'mode'],
    usage:
      '/modes [+secret] [-secret] [key=<key>] [-key] [limit=<n>] [-limit] ' +
      '[keep=<time>] [-keep]; modes are secret, invite_only, moderated, members_only, ' +
      'operator_topic, no_ctcp; a time is 90d, 12h, 30m or 45s',
    short: '/modes [change ...]',
    help: 'Show or change the modes: +secret -secret key=<key> -key limit=<n> -limit ' +
      'keep=<time> -keep',
    async run(rest, here) {
      const channel = channelOf(here);
      const changes = parseModes(rest);
      if (!changes) throw new Usage(`Usage: ${this.usage}`);
      if (Object.keys(changes).length > 0) return actions.setModes(channel, changes);
      note(here, phrase`Modes of ${channel.title}: ${modeWords(await actions.showModes(channel))}`);
    },
  },
  {
    names: ['register'],
    usage: '/register [account]',
    help: 'Create an account; the password is asked for',
    run: (rest) => openLogin('register', rest),
  },
  {
    names: ['login'],
    usage: '/login [account]',
    help: 'Log in; the password is asked for',
    run: (rest) => openLogin('login', rest),
  },
  ownAccount('logout', 'End the session, and its login', logOut),
  ownAccount('password', 'Change the password', () => openAccount('password-change')),
  ownAccount('sessions', 'List your devices, and log them out', () => openAccount()),
  ownAccount('unregister', 'Delete the account', () => openAccount('account-end')),
  {
    names: ['quit'],
    usage: '/quit [reason]',
    help: 'Disconnect from the server',
    run: (rest) => actions.quitForGood(optional(rest)),
  },
  {
    names: ['help'],
    usage: '/help',
    help: 'Show this',
    run(_, here) {
      const items = COMMANDS.map(({ usage, short, help }) => [short ?? usage, help]);
      note(here, 'Available commands:', { items });
      note(here, 'A line that begins with // is sent with one slash. Keys:', { items: KEYS });
    },
  },
];

const KEYS = [
  ['Shift+Enter', 'Begin a new line'],
  ['Tab', 'Complete a name or a command'],
  ['↑ ↓', 'Recall what you sent before'],
  ['Ctrl+K', 'Go to a channel or a person by name'],
  ['Shift+Tab ↑ ↓ Enter', 'Go to a message, and open its menu'],
  ['Alt+↑ Alt+↓', 'Go to the conversation above or below'],
  ['Page Up, Page Down', 'Scroll the messages'],
];

/** Opens the dialog to log in. Words after the name are left out: they may be a password. */
function openLogin(mode, rest) {
  if (store.account !== null) throw new Error(`you are logged in to ${store.account} already`);
  if (store.accounts === null) throw new Error('the server keeps no accounts');
  store.changed('account-dialog', { mode, account: firstWord(rest)[0] });
}

const openAccount = (part) => store.changed('account-dialog', { part });

function ownAccount(name, help, act) {
  const run = () => {
    if (store.account === null) throw new Error('you are not logged in');
    return act();
  };
  return { names: [name], usage: `/${name}`, help, run };
}

function role(name, help, change) {
  const run = (rest, here) => actions.setRole(channelOf(here), rest, change);
  return { names: [name], usage: `/${name} <user>`, help, needs: true, run };
}

function restriction(name, help) {
  // Only `/mute` takes a reason.
  const usage = `/${name} <user>${name === 'mute' ? ' [reason]' : ''}`;
  const run = (rest, here) => {
    const [user, reason] = name === 'mute' ? firstWord(rest) : [rest];
    return actions.restrict(name, channelOf(here), user, optional(reason));
  };
  return { names: [name], usage, help, needs: true, run };
}
