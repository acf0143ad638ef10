// The menu of a person: at the name in the list of members, and at the author of a message.

import { ban, kick, report, restrict, setRole, talkTo } from './actions.js';
import { ask } from './confirm.js';
import { byId } from './dom.js';
import { closeDrawer } from './drawers.js';
import { openMenu } from './menu.js';
import { fold } from './names.js';
import { store } from './store.js';
import { isolated } from './words.js';

const RANKS = ['member', 'voiced', 'operator', 'owner'];
const rank = (member) => RANKS.indexOf(member?.role ?? 'member');

/** Opens the menu of a user at a place on the page. */
export function openPersonMenu(nickname, place, from) {
  const items = store.isMe(nickname) ? ownItems() : [...talkItems(nickname), ...powers(nickname)];
  openMenu(`Actions for ${isolated(nickname)}`, items, place, from);
}

const ownItems = () => [{ label: 'Your name and settings', act: () => byId('me-button').click() }];

const talkItems = (nickname) => [
  {
    label: 'Message',
    act() {
      closeDrawer();
      talkTo(nickname);
      byId('composer').focus();
    },
  },
  store.active?.isChannel && {
    label: 'Mention',
    act() {
      closeDrawer();
      store.changed('insert', `@${nickname} `);
    },
  },
  {
    label: 'Report…',
    async act() {
      const reason = await ask({
        title: `Report ${isolated(nickname)} to the operators of the server?`,
        label: 'Reason',
        go: 'Report',
      });
      await report({ nickname }, nickname, reason);
    },
  },
];

/** Returns the actions that the user's role in the channel allows. */
function powers(nickname) {
  const channel = store.active;
  if (!channel?.isChannel || !channel.joined) return [];
  const mine = rank(channel.members.get(fold(store.me)));
  const member = channel.members.get(fold(nickname));
  const theirs = rank(member);
  if (mine < RANKS.indexOf('operator') || theirs > mine) return [];
  const role = (label, change) => ({ label, act: () => setRole(channel, nickname, change) });
  const roles = member && [
    theirs === 0 && role('Give voice', { grant: 'voiced' }),
    theirs === 1 && role('Take voice', { revoke: 'voiced' }),
    theirs < 2 && role('Make operator', { grant: 'operator' }),
    theirs === 2 && role('Remove as operator', { revoke: 'operator' }),
    mine === 3 && theirs < 3 && role('Make owner', { role: 'owner' }),
  ];
  const withReason = (label, question, act) => ({
    label: `${label}…`,
    danger: label !== 'Mute',
    async act() {
      const title = `${question} ${isolated(nickname)}?`;
      await act(await ask({ title, label: 'Reason, if any', go: label }));
    },
  });
  return [
    ...(roles ?? []),
    withReason('Mute', 'Mute', (reason) => restrict('mute', channel, nickname, reason)),
    { label: 'Unmute', act: () => restrict('unmute', channel, nickname) },
    member && withReason('Kick', 'Kick', (reason) => kick(channel, nickname, reason)),
    withReason('Ban', 'Ban', (reason) => ban(channel, nickname, reason)),
  ];
}

/** Opens the menu at the author of a message that is clicked. */
export function startPersonMenu() {
  byId('messages').addEventListener('click', (event) => {
    const author = event.target.closest('.author');
    if (!author || author.closest('[data-system]')) return;
    const { author: nickname } = author.closest('.message').dataset;
    openPersonMenu(nickname, author.getBoundingClientRect(), byId('composer'));
  });
}
