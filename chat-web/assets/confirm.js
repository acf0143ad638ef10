// Asks the user to confirm an action that cannot be undone.

import { openDialog } from './dialogs.js';
import { byId, phraseNodes } from './dom.js';

/** The user has cancelled the action. */
export class Cancelled extends Error {}

/** Asks whether to go on. `go` is the label of that button. Rejects with `Cancelled` if not. */
export const confirm = (question) => open({ text: '', ...question, label: '' });

/** Asks for a text, in a field with a `label`. Resolves with the text; undefined if it is empty. */
export async function ask(question) {
  await open({ text: '', ...question });
  return byId('confirm-input').value.trim() || undefined;
}

function open({ title, text, label, go }) {
  const dialog = byId('confirm-dialog');
  const form = byId('confirm-form');
  form.hidden = label === '';
  byId('confirm-label').textContent = label;
  byId('confirm-input').value = '';
  byId('confirm-heading').textContent = title;
  byId('confirm-text').replaceChildren(...phraseNodes(text));
  byId('confirm-go').textContent = go;
  dialog.returnValue = '';
  openDialog('confirm-dialog');
  if (!form.hidden) byId('confirm-input').focus();
  return new Promise((resolve, reject) => {
    const close = () => (dialog.returnValue === 'go' ? resolve() : reject(new Cancelled('cancelled')));
    dialog.addEventListener('close', close, { once: true });
  });
}

export function startConfirm() {
  // Enter that is still held down after it has opened the dialog must not confirm it.
  byId('confirm-dialog').addEventListener('keydown', (event) => {
    if (event.repeat && event.key === 'Enter') event.preventDefault();
  });
  byId('confirm-form').addEventListener('submit', (event) => {
    event.preventDefault();
    byId('confirm-dialog').close('go');
  });
  byId('confirm-go').addEventListener('click', () => byId('confirm-dialog').close('go'));
  byId('confirm-cancel').addEventListener('click', () => byId('confirm-dialog').close());
}
