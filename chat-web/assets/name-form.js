// Coming in: with a name, or as a guest.

import { byId, setText } from './dom.js';
import * as memory from './memory.js';
import { holdBack } from './outbox.js';
import { enter, resume } from './session.js';
import { store } from './store.js';
import { restore } from './visit.js';
import { sentence } from './words.js';

const form = byId('name-form');
const field = byId('nickname');

/** A page that was reloaded may find its name still held by what it was before, for this long. */
const AFTER_RELOAD = 5_000;

/** Shows the form, perhaps with what is wrong with the name in it. */
export function askForName(problem) {
  show('welcome');
  field.value ||= store.me ?? memory.nickname.get();
  complain(problem);
  field.select();
  field.focus();
}

/** Goes back to where the tab was before it was reloaded; if there is no such place, asks for a name. */
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
