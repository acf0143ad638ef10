// The form to enter the chat with a name or as a guest.

import { byId, setText } from './dom.js';
import * as memory from './memory.js';
import { holdBack } from './outbox.js';
import { enter, resume } from './session.js';
import { store } from './store.js';
import { restore } from './visit.js';
import { sentence } from './words.js';

const form = byId('name-form');
const field = byId('nickname');

/** How long a reloaded page waits for its name, which its old connection may still hold. */
const AFTER_RELOAD = 5_000;

/** Shows the form, with an error if there is one. */
export function askForName(problem) {
  show('welcome');
  field.value ||= store.me ?? memory.nickname.get();
  complain(problem);
  field.select();
  field.focus();
}

/** Restores the state from before a reload, and reconnects. Asks for a name if there is none. */
export async function comeIn() {
  if (!restore()) return askForName();
  const lobby = store.channel('lobby')?.joined ?? false;
  show('chat');
  try {
    await enter({ nickname: store.me }, { patience: AFTER_RELOAD, lobby });
    begin();
  } catch (error) {
    holdBack(`the page was reloaded, and ${error.message}`);
    askForName(sentence(error.message));
  }
}

async function submit(wish) {
  const buttons = [byId('enter'), byId('enter-as-guest')];
  for (const button of buttons) button.disabled = true;
  byId('enter').textContent = 'Connecting…';
  complain('');
  try {
    await enter(wish);
    begin();
  } catch (error) {
    complain(sentence(error.message));
    field.focus();
  }
  byId('enter').textContent = 'Enter chat';
  for (const button of buttons) button.disabled = false;
}

function show(phase) {
  document.body.dataset.phase = phase;
  byId('chat').hidden = phase !== 'chat';
}

function begin() {
  show('chat');
  resume();
  byId('composer').focus();
}

function complain(problem) {
  setText(byId('name-error'), problem);
  field.setAttribute('aria-invalid', String(Boolean(problem)));
}

export function startNameForm() {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit({ nickname: field.value.trim() });
  });
  byId('enter-as-guest').addEventListener('click', () => submit({ guest: true }));
}
