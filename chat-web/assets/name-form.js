// The form to enter the chat with a name, as a guest, or with the login that this browser keeps.

import { byId, phraseNodes, setText } from './dom.js';
import * as memory from './memory.js';
import { holdBack } from './outbox.js';
import { enter, enterAgain, resume } from './session.js';
import { store } from './store.js';
import { restore } from './visit.js';
import { phrase, sentence } from './words.js';

const form = byId('name-form');
const field = byId('nickname');

/** The time for which a reloaded page waits for its name, which its old connection may hold. */
const AFTER_RELOAD = 5_000;

/** Shows the form, with an error if there is one. */
export function askForName(problem) {
  show('welcome');
  field.value ||= store.me ?? memory.nickname.get();
  drawLogin();
  complain(problem);
  field.select();
  field.focus();
  // Without an answer, there is no link.
  offerLogin().catch(() => {});
  store.changed('naming');
}

/** Shows a link to the login of another site, if the server has one. */
async function offerLogin() {
  const answer = await fetch(new URL('../auth', import.meta.url));
  const { label } = await answer.json();
  const link = byId('log-in-with');
  link.hidden = !label;
  if (!label) return;
  link.href = new URL('../auth/login', import.meta.url);
  link.textContent = `Log in with ${label}`;
}

/** Enters with the account of a login, whose cookie only the server reads. */
function enterLoggedIn() {
  history.replaceState(null, '', location.pathname + location.search);
  askForName();
  return submit(() => comeInAs({ guest: true }));
}

/**
 * Restores the state from before a reload, and reconnects. Otherwise it logs in, if this browser
 * keeps a login, or asks for a name.
 */
export async function comeIn() {
  if (location.hash === '#logged-in') return enterLoggedIn();
  if (!restore()) return memory.login.get() ? logInAgain() : askForName();
  show('chat');
  try {
    await enterAgain(AFTER_RELOAD);
    begin();
  } catch (error) {
    holdBack(`the page was reloaded, and ${error.message}`);
    askForName(sentence(error.message));
  }
}

/** Enters the chat; see `enter`. */
export async function comeInAs(wish, register) {
  await enter(wish, register);
  begin();
}

/** Enters with the login that this browser keeps, and forgets the login if it has ended. */
async function logInAgain() {
  const { token } = memory.login.get();
  try {
    await comeInAs({ session: token });
  } catch (error) {
    if (error.code === 'session_ended') memory.login.set(null);
    askForName(sentence(error.message));
  }
}

async function submit(work) {
  const buttons = [byId('enter'), byId('enter-as-guest'), byId('enter-again')];
  for (const button of buttons) button.disabled = true;
  byId('enter').textContent = 'Connecting…';
  complain('');
  try {
    await work();
  } catch (error) {
    complain(sentence(error.message));
    field.focus();
  }
  byId('enter').textContent = 'Enter chat';
  for (const button of buttons) button.disabled = false;
}

/** Offers the login that this browser keeps. */
function drawLogin() {
  const login = memory.login.get();
  byId('enter-again').hidden = login === null;
  byId('enter-again').replaceChildren(...phraseNodes(phrase`Continue as ${login?.account}`));
}

/** Returns true if the chat is shown, and not this form. */
export const isInside = () => document.body.dataset.phase === 'chat';

function show(phase) {
  document.body.dataset.phase = phase;
  byId('chat').hidden = phase !== 'chat';
}

function begin() {
  show('chat');
  resume();
  store.changed('inside');
  byId('composer').focus();
}

function complain(problem) {
  setText(byId('name-error'), problem);
  field.setAttribute('aria-invalid', String(Boolean(problem)));
}

export function startNameForm() {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit(() => comeInAs({ nickname: field.value.trim() }));
  });
  byId('enter-as-guest').addEventListener('click', () => submit(() => comeInAs({ guest: true })));
  byId('enter-again').addEventListener('click', () => submit(logInAgain));
}
