// The dialog that lists the pinned messages of a channel.

import { request } from './client.js';
import { attempt, dialogHead, openDialog, startDialog } from './dialogs.js';
import { byId, make, setText } from './dom.js';
import { perform } from './perform.js';
import { goToMessage } from './reply.js';
import { dayName, fullTime } from './time.js';

export async function openPins(channel) {
  byId('pins-list').replaceChildren();
  setText(byId('pins-note'), 'Loading…');
  openDialog('pins-dialog');
  const isShown = await attempt('pins-error', async () => {
    const { messages } = await request({ type: 'pins', channel: channel.name });
    byId('pins-list').replaceChildren(...messages.map((message) => item(channel, message)));
    setText(byId('pins-note'), messages.length === 0 ? 'Nothing is pinned in this channel.' : '');
  });
  if (!isShown) setText(byId('pins-note'), '');
}

function item(channel, message) {
  const onclick = () => {
    byId('pins-dialog').close();
    perform(goToMessage(channel, message));
  };
  const at = Date.parse(message.at);
  const times = { datetime: message.at, title: fullTime(at) };
  return make(
    'li',
    {},
    make(
      'button',
      { type: 'button', 'data-pinned-id': message.id, onclick },
      make('bdi', { class: 'name', text: message.nickname }),
      make('time', { ...times, class: 'where', text: dayName(at) }),
      make('span', { class: 'said', text: message.text, dir: 'auto' }),
    ),
  );
}

/** Builds the dialog, the first time that it is opened. */
export function startPins() {
  const dialog = make(
    'dialog',
    { id: 'pins-dialog', 'aria-labelledby': 'pins-heading' },
    dialogHead('pins-heading', 'Pinned messages'),
    make('p', { id: 'pins-note', class: 'muted', role: 'status' }),
    make('p', { id: 'pins-error', class: 'error', role: 'alert', hidden: true }),
    make('ul', { id: 'pins-list', 'aria-labelledby': 'pins-heading' }),
  );
  document.body.append(dialog);
  startDialog(dialog);
}
