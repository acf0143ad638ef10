// The dialog to find, join and create channels.

import { join, listChannels } from './actions.js';
import { attempt, openDialog } from './dialogs.js';
import { byId, make } from './dom.js';
import { closeDrawer } from './drawers.js';
import { byName, channelTitle, fold } from './names.js';
import { store } from './store.js';
import { counted, sentence } from './words.js';

const dialog = byId('channels-dialog');
const nameField = byId('join-name');
const keyField = byId('join-key');
const filter = byId('channel-filter');

let known = { channels: [], omitted: 0 };

async function open() {
  closeDrawer();
  nameField.value = '';
  keyField.value = '';
  filter.value = '';
  openDialog('channels-dialog');
  nameField.focus();
  say('Loading…');
  try {
    known = await listChannels();
    // New users look for the channels with the most members.
    known.channels.sort((one, other) => other.members - one.members || byName(one.name, other.name));
    draw();
  } catch (error) {
    say(sentence(error.message));
  }
}

function draw() {
  const wanted = fold(filter.value.trim());
  const words = ({ name, topic }) => fold(`${channelTitle(name)} ${topic ?? ''}`);
  const found = known.channels.filter((channel) => words(channel).includes(wanted));
  byId('channel-results').replaceChildren(...found.map(item));
  const omitted = known.omitted > 0 ? ` The server has ${known.omitted} more.` : '';
  say((found.length === 0 ? 'No channel matches.' : `${counted(found.length, 'channel')}.`) + omitted);
}

function item({ name, topic, members }) {
  const joined = store.channel(name)?.joined;
  const button = make(
    'button',
    { type: 'button', 'data-join': name },
    make('bdi', { class: 'name', text: channelTitle(name) }),
    make('span', { class: 'members', text: counted(members, 'member') + (joined ? ' · joined' : '') }),
    topic ? make('span', { class: 'topic', text: topic, dir: 'auto' }) : null,
  );
  button.addEventListener('click', () => {
    nameField.value = name;
    submit();
  });
  return make('li', {}, button);
}

async function submit() {
  const name = nameField.value.trim();
  const done = await attempt('join-error', async () => {
    if (!name) throw new Error('a channel needs a name');
    await join(name, keyField.value || undefined);
  });
  if (done) {
    dialog.close();
    byId('composer').focus();
  } else {
    (name && byId('join-error').textContent.includes('key') ? keyField : nameField).focus();
  }
}

const say = (text) => (byId('channel-results-note').textContent = text);

export function startChannelsDialog() {
  byId('browse').addEventListener('click', open);
  byId('browse-instead').addEventListener('click', open);
  filter.addEventListener('input', draw);
  byId('join-form').addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
  });
}
