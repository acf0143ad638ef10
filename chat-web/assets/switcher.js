// The dialog to go to a conversation, a person or a channel by its name (Ctrl+K).

import { join, talkTo } from './actions.js';
import { closeDrawer } from './drawers.js';
import { byId, make } from './dom.js';
import { Listbox } from './listbox.js';
import { bareChannel, byName, channelKey, channelTitle, fold, privateKey } from './names.js';
import { perform } from './perform.js';
import { store } from './store.js';

/** The most options in the list. */
const MOST = 12;

let dialog = null;
let field = null;
let listbox = null;
/** The options that are shown: `{ name, detail, go }`. */
let options = [];

/** Opens the dialog. */
export function openSwitcher() {
  dialog ??= build();
  if (dialog.open) return dialog.close();
  closeDrawer();
  field.value = '';
  dialog.showModal();
  show();
}

function build() {
  field = make('input', {
    id: 'switcher-text',
    role: 'combobox',
    dir: 'auto',
    maxlength: '64',
    autocomplete: 'off',
    autocapitalize: 'none',
    spellcheck: 'false',
    placeholder: 'A channel or a person',
    'aria-label': 'Go to a channel or a person',
    'aria-autocomplete': 'list',
    'aria-expanded': 'true',
  });
  const options = { id: 'switcher-options', role: 'listbox', 'aria-label': 'Conversations' };
  const list = make('ul', options);
  const built = make('dialog', { id: 'switcher', 'aria-label': 'Go to' }, field, list);
  document.body.append(built);
  listbox = new Listbox(field, list, take);
  field.addEventListener('input', show);
  field.addEventListener('keydown', key);
  built.addEventListener('click', (event) => event.target === built && built.close());
  return built;
}

function show() {
  const wanted = fold(field.value.trim());
  const all = [...conversations(), ...people()];
  options = all.filter(({ name }) => fold(name).includes(wanted));
  // Names that begin with the text come first; the order is kept otherwise.
  const begins = ({ name }) => fold(name).replace(/^#/u, '').startsWith(wanted.replace(/^#/u, ''));
  options = [...options.filter(begins), ...options.filter((option) => !begins(option))];
  options = options.slice(0, MOST);
  const channel = bareChannel(field.value);
  if (channel && !store.conversations.has(channelKey(channel))) {
    const name = channelTitle(channel);
    options.push({ name, detail: 'join or create', go: () => join(channel) });
  }
  listbox.show(options.map(nodes), 0);
}

const nodes = ({ name, detail }) => [
  make('bdi', { text: name }),
  detail && make('span', { class: 'muted', text: detail }),
];

/** Returns the user's conversations, those with mentions and unread messages first. */
function conversations() {
  const weight = ({ mentions, unread }) => (mentions > 0 ? 2 : unread > 0 ? 1 : 0);
  const others = store.listed().filter((conversation) => conversation !== store.active);
  others.sort((one, other) => weight(other) - weight(one));
  return others.map((conversation) => ({
    name: conversation.title,
    detail: conversation.unread > 0 ? `${conversation.unread} unread` : '',
    go: () => store.activate(conversation),
  }));
}

/** Returns the people in the user's channels with whom there is no conversation yet. */
function people() {
  const found = new Map();
  for (const channel of store.channels()) {
    for (const { nickname } of channel.members.values()) found.set(fold(nickname), nickname);
  }
  const isNew = (name) => !store.isMe(name) && !store.conversations.has(privateKey(name));
  return [...found.values()].filter(isNew).sort(byName).map((nickname) => ({
    name: nickname,
    detail: 'message',
    go: () => talkTo(nickname),
  }));
}

function take(index) {
  const option = options[index];
  if (!option) return;
  dialog.close();
  perform(option.go());
  byId('composer').focus();
}

function key(event) {
  if (event.isComposing) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && options.length > 0) listbox.step(step);
  else if (event.key === 'Enter') take(listbox.at);
  else return;
  event.preventDefault();
}
