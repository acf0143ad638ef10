// The lists in the side panels: the user's conversations, and the members of the channel.

import { byId, lazily, make, setText } from './dom.js';
import { closeDrawer } from './drawers.js';
import { KeyedList } from './keyed-list.js';
import { byName, hue, initial } from './names.js';
import { openPersonMenu } from './person-menu.js';
import { store } from './store.js';
import { counted, isolated } from './words.js';

const RANKS = ['owner', 'operator', 'voiced', 'member'];
const ROLES = { owner: 'owner', operator: 'operator', voiced: 'voice', member: '' };

const entries = { create: createEntry, update: updateEntry };
const channels = new KeyedList(byId('channels'), entries);
const privates = new KeyedList(byId('privates'), entries);
const people = new KeyedList(byId('people'), {
  keyOf: ({ nickname }) => nickname,
  create: createPerson,
  update: updatePerson,
});

const drawConversations = lazily(() => {
  channels.show(store.channels());
  privates.show(store.privates());
  byId('privates-section').hidden = store.privates().length === 0;

  const unread = store.listed().reduce((sum, { unread: count }) => sum + count, 0);
  const mentions = store.listed().reduce((sum, { mentions: count }) => sum + count, 0);
  const elsewhere = unread - (store.active?.unread ?? 0);
  const badge = byId('nav-badge');
  setText(badge, elsewhere > 0 ? atMost99(elsewhere) : '');
  badge.classList.toggle('mention', mentions > 0);
  byId('nav-button').setAttribute(
    'aria-label',
    elsewhere > 0 ? `Conversations, ${elsewhere} unread` : 'Conversations',
  );
  const where = store.active ? `${isolated(store.active.title)} · Chat` : 'Chat';
  // The number of mentions matters more than the number of unread messages.
  const news = mentions > 0 ? `(@${atMost99(mentions)}) ` : `(${atMost99(unread)}) `;
  document.title = unread > 0 ? news + where : where;
});

const atMost99 = (count) => (count > 99 ? '99+' : String(count));

function createEntry(conversation) {
  const sign = conversation.isChannel
    ? make('span', { class: 'sign', 'aria-hidden': 'true', text: '#' })
    : make('span', { class: `avatar ${hue(conversation.name)}`, 'aria-hidden': 'true' });
  const button = make(
    'button',
    { class: 'entry', type: 'button' },
    sign,
    make('bdi', { class: 'name' }),
    make('span', { class: 'badge', hidden: true }),
    make('span', { class: 'visually-hidden' }),
  );
  button.addEventListener('click', () => {
    const target = store.conversations.get(button.parentElement.dataset.key);
    if (target) store.activate(target);
    closeDrawer();
    focusComposer();
  });
  return make('li', {}, button);
}

function updateEntry(item, { isChannel, name, title, unread, mentions, joined, key }) {
  const button = item.firstElementChild;
  const [sign, label, badge, spoken] = button.children;
  button.setAttribute(isChannel ? 'data-channel' : 'data-private', name);
  // The sign of a channel is an element of its own.
  label.textContent = isChannel ? title.slice(1) : name;
  if (!isChannel) sign.textContent = initial(name);
  toggle(button, 'aria-current', store.active?.key === key && 'true');
  toggle(button, 'data-unread', unread > 0 && String(unread));
  toggle(button, 'data-mention', mentions > 0 && String(mentions));
  button.classList.toggle('out', !joined);
  // In a private conversation, every message counts as a mention, so the badge needs no @.
  const badgeText = mentions > 0 && isChannel ? `@${atMost99(mentions)}` : atMost99(unread);
  setText(badge, unread > 0 ? badgeText : '');
  badge.classList.toggle('mention', mentions > 0);
  badge.setAttribute('aria-hidden', 'true');
  const named = mentions > 0 && isChannel ? `, you are mentioned ${counted(mentions, 'time')}` : '';
  spoken.textContent = (unread > 0 ? `, ${unread} unread${named}` : '') + (joined ? '' : ', left');
}

const drawPeople = lazily(() => {
  const { active } = store;
  const members = active?.isChannel ? [...active.members.values()] : [];
  members.sort(
    (one, other) =>
      RANKS.indexOf(one.role) - RANKS.indexOf(other.role) || byName(one.nickname, other.nickname),
  );
  people.show(members);
  byId('people-count').textContent = active?.isChannel && active.joined ? String(active.count) : '';
  const omitted = (active?.count ?? 0) - members.length;
  let more = '';
  if (active && !active.isChannel) more = 'A private conversation.';
  else if (omitted > 0 && active.joined) more = `and ${omitted} more`;
  setText(byId('people-more'), more);
});

function createPerson({ nickname }) {
  const button = make(
    'button',
    { class: 'entry', type: 'button', 'data-nickname': nickname, 'aria-haspopup': 'menu' },
    make('span', { class: `avatar ${hue(nickname)}`, 'aria-hidden': 'true', text: initial(nickname) }),
    make(
      'span',
      { class: 'person' },
      make('bdi', { class: 'name', text: nickname }),
      make('bdi', { class: 'status' }),
    ),
    make('span', { class: 'role' }),
  );
  button.addEventListener('click', () => {
    openPersonMenu(nickname, button.getBoundingClientRect(), button);
  });
  return make('li', {}, button);
}

function updatePerson(item, { nickname, role, away, status, account, bot }) {
  const button = item.firstElementChild;
  const words = [store.isMe(nickname) && 'you', bot && 'bot', ROLES[role], away !== null && 'away'];
  button.dataset.role = role;
  toggle(button, 'data-away', away !== null && away);
  button.lastElementChild.textContent = words.filter(Boolean).join(', ');
  setText(button.querySelector('.status'), status ?? '');
  const name = isolated(nickname);
  const known = account === undefined ? '' : ` (account ${isolated(account)})`;
  button.title = away === null ? `${name}${known}` : `${name}${known} is away: ${isolated(away)}`;
}

function toggle(element, attribute, value) {
  if (value === false) element.removeAttribute(attribute);
  else element.setAttribute(attribute, value);
}

/** Focuses the field if there is a keyboard. On a phone, its keyboard would cover the messages. */
function focusComposer() {
  if (matchMedia('(hover: hover)').matches) byId('composer').focus();
}

export function startLists() {
  store.on('list active', drawConversations);
  store.on('members active me', drawPeople);
}
