// The dialog of the account: registering and logging in for guests, and for the others their
// devices, their password, logging out, and deleting the account.

import {
  changePassword,
  credentials,
  deleteAccount,
  listDevices,
  logIn,
  revoke,
} from './account.js';
import { attempt, openDialog } from './dialogs.js';
import { byId, lazily, make, phraseNodes, relabel, setText } from './dom.js';
import { closeDrawer } from './drawers.js';
import { logOut } from './logout.js';
import { comeInAs, isInside } from './name-form.js';
import { store } from './store.js';
import { dayName, fullTime } from './time.js';
import { isolated, phrase, sentence } from './words.js';

const dialog = byId('account-dialog');
const loginForm = byId('login-form');

/** `login`, or `register`. */
let mode = 'login';

/** The fields to which the server's refusals belong, by code. Others belong to the whole form. */
const FIELDS = {
  account_invalid: 'account',
  account_taken: 'account',
  nickname_in_use: 'account',
  nickname_invalid: 'account',
  nickname_registered: 'account',
  nickname_reserved: 'account',
  login_failed: 'password',
  password_too_weak: 'password',
  code_invalid: 'code',
};

const WORDS = {
  login: {
    title: 'Log in',
    about: 'You keep your channels, and continue on any device.',
    other: 'Register an account',
  },
  register: {
    title: 'Register',
    about: 'Your name, your channels and your roles there are yours on any device.',
    other: 'Log in instead',
  },
};

/** Draws what depends on whether the user is logged in. */
const draw = lazily(() => {
  const { account, accounts } = store;
  loginForm.hidden = account !== null;
  byId('account-own').hidden = account === null;
  const { title, about, other } = WORDS[mode];
  const heading = account === null ? title : phrase`Account ${account}`;
  byId('account-heading').replaceChildren(...phraseNodes(heading));
  relabel(byId('login-about'), about);
  relabel(byId('login-other'), other);
  relabel(byId('login-go'), title);
  byId('login-other').hidden = !accounts?.register;
  byId('login-password').autocomplete = mode === 'login' ? 'current-password' : 'new-password';
  byId('password-account').defaultValue = account ?? '';
});

/** Opens the dialog. `mode` and `account` are for guests. */
export function openAccountDialog({ mode: wanted = 'login', account, part } = {}) {
  mode = wanted;
  closeDrawer();
  byId('me-dialog').close();
  for (const form of dialog.querySelectorAll('form')) empty(form);
  for (const details of dialog.querySelectorAll('details')) details.open = details.id === part;
  byId('login-code-field').hidden = true;
  byId('login-account').value = account ?? '';
  byId('account-status').textContent = '';
  openDialog('account-dialog');
  draw();
  if (store.account === null) byId(account ? 'login-password' : 'login-account').focus();
  else drawDevices();
}

/** Empties a form, so that no password stays in the page. */
function empty(form) {
  form.reset();
  showPassword();
  complain(form.querySelectorAll('input'), null);
}

/** Shows an error below the field that it is about, or below the form. */
function complain(inputs, error, names = FIELDS) {
  let found = null;
  for (const input of inputs) {
    const problem = byId(`${input.id}-error`);
    if (!problem) continue;
    const isIt = error !== null && input.id.endsWith(`-${names[error.code]}`);
    if (isIt) found = input;
    setText(problem, isIt ? sentence(error.message) : '');
    input.setAttribute('aria-invalid', String(isIt));
  }
  found?.focus();
  return found !== null;
}

/** Runs the action of a form once, and shows its error. Returns true if there was none. */
async function submit(event, work, names = FIELDS) {
  event.preventDefault();
  const form = event.target;
  if (form.ariaBusy === 'true') return false;
  const inputs = form.querySelectorAll('input');
  const problem = byId(`${form.id.replace('-form', '')}-error`);
  complain(inputs, null);
  setText(problem, '');
  // A button that is disabled would lose the focus.
  form.ariaBusy = 'true';
  try {
    await work();
    return true;
  } catch (error) {
    if (!complain(inputs, error, names)) setText(problem, sentence(error.message));
    return false;
  } finally {
    form.ariaBusy = 'false';
  }
}

async function submitLogin(event) {
  const done = await submit(event, async () => {
    const fields = credentials(byId('login-account').value.trim(), byId('login-password').value);
    const code = byId('login-code').value.trim();
    if (mode === 'register' && code) fields.code = code;
    try {
      if (isInside()) await logIn(mode, fields);
      else if (mode === 'login') await comeInAs(fields);
      else await comeInAs({}, fields);
    } catch (error) {
      // Only now it is known that the server wants a code.
      if (error.code === 'code_invalid') byId('login-code-field').hidden = false;
      throw error;
    }
  });
  if (!done) return;
  dialog.close();
  byId('composer').focus();
}

/** Handles that the dialog was closed. */
function closed() {
  dialog.querySelectorAll('form').forEach(empty);
  // In Chromium, a field that gets the focus back after a password was sent takes no text before it
  // has lost the focus once.
  const focused = document.activeElement;
  focused.blur();
  focused.focus();
}

function switchMode() {
  mode = mode === 'login' ? 'register' : 'login';
  complain(loginForm.querySelectorAll('input'), null);
  setText(byId('login-error'), '');
  byId('login-code-field').hidden = true;
  draw();
  byId('login-account').focus();
}

function showPassword() {
  byId('login-password').type = byId('login-shown').checked ? 'text' : 'password';
}

async function drawDevices() {
  await attempt('devices-error', async () => {
    byId('devices').replaceChildren(...(await listDevices()).map(device));
  });
}

function device({ id, device: name, since, used, online, current }) {
  const [begun, last] = [since, used].map((time) => Date.parse(time));
  const state = current ? 'this device' : online && 'online';
  const words = [state, !online && `last used: ${dayName(last)}`, `since: ${dayName(begun)}`];
  const label = name ?? 'An unknown device';
  const end = async () => {
    if (await attempt('devices-error', () => revoke(id))) {
      byId('account-status').textContent = `${isolated(label)} is logged out.`;
      byId('account-heading').focus();
      await drawDevices();
    }
  };
  const button = { class: 'revoke', type: 'button', text: 'Log out', onclick: end };
  return make(
    'li',
    { 'data-login': id },
    make(
      'div',
      { title: `Logged in ${fullTime(begun)}` },
      make('bdi', { text: label }),
      make('div', { class: 'muted', text: words.filter(Boolean).join(', ') }),
    ),
    !current && make('button', { ...button, 'aria-label': `Log out ${isolated(label)}` }),
  );
}

/** A wrong password belongs to the field of the present one, a weak one to that of the new one. */
const PASSWORD_FIELDS = { login_failed: 'old', password_too_weak: 'new' };

async function submitPassword(event) {
  const done = await submit(
    event,
    () => changePassword(byId('password-old').value, byId('password-new').value),
    PASSWORD_FIELDS,
  );
  if (!done) return;
  empty(event.target);
  byId('password-change').open = false;
  byId('account-status').textContent = 'The password is changed.';
  await drawDevices();
}

export function startAccountDialog() {
  store.on('account', draw);
  loginForm.addEventListener('submit', submitLogin);
  byId('login-other').addEventListener('click', switchMode);
  byId('login-shown').addEventListener('change', showPassword);
  byId('password-form').addEventListener('submit', submitPassword);
  byId('delete-form').addEventListener('submit', async (event) => {
    if (await submit(event, () => deleteAccount(byId('delete-password').value))) dialog.close();
  });
  byId('log-out').addEventListener('click', async () => {
    if (await attempt('devices-error', logOut)) dialog.close();
  });
  dialog.addEventListener('close', closed);
}
