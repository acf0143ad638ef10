// The buttons that open the dialog of the account. The dialog is loaded when it is needed.

import { byId, lazily, relabel } from './dom.js';
import { isInside } from './name-form.js';
import { onDemand } from './on-demand.js';
import { store } from './store.js';
import { isolated } from './words.js';

const draw = lazily(() => {
  const { account, accounts } = store;
  const offer = accounts?.register ? 'Log in or register' : 'Log in';
  relabel(byId('enter-login'), offer);
  relabel(byId('account'), account === null ? offer : `Account ${isolated(account)}`);
  byId('enter-login').hidden = accounts === null;
  byId('account').hidden = account === null && accounts === null;
});

const open = onDemand(async () => {
  const { openAccountDialog, startAccountDialog } = await import('./account-dialog.js');
  startAccountDialog();
  return openAccountDialog;
});

/** Asks before the chat whether the server keeps accounts; `welcome` says so afterwards. */
async function lookForAccounts() {
  try {
    const response = await fetch(new URL('../api/status', import.meta.url));
    const { accounts } = await response.json();
    if (!isInside()) store.setAccounts(accounts ?? null);
  } catch {
    // Without an answer, the page offers names only.
  }
}

export function startAccountOffer() {
  store.on('account', draw);
  store.on('naming', lookForAccounts);
  store.on('account-dialog', open);
  byId('enter-login').addEventListener('click', () => open());
  byId('account').addEventListener('click', () => open());
}
