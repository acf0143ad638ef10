// Questions before something that cannot be taken back.

import { openDialog } from './dialogs.js';
import { byId, phraseNodes } from './dom.js';

/** The user has thought better of it. */
export class Cancelled extends Error {}

/** Asks whether to go on; `go` is what the button for it says. Rejects with `Cancelled` if not. */
export function confirm({ title, text, lines = [], go }) {
  const dialog = byId('confirm-dialog');
  byId('confirm-heading').textContent = title;
  byId('confirm-text').replaceChildren(...phraseNodes(text));
  byId('confirm-lines').textContent = lines.join('\n');
  byId('confirm-lines').hidden = lines.length === 0;
  byId('confirm-go').textContent = go;
  dialog.returnValue = '';
  openDialog('confirm-dialog');
  return new Promise((resolve, reject) => {
    const close = () => (dialog.returnValue === 'go' ? resolve() : reject(new Cancelled('cancelled')));
    dialog.addEventListener('close', close, { once: true });
  });
}

export function startConfirm() {
  // A key that is still held down after it has opened the dialog does not answer it.
  byId('confirm-dialog').addEventListener('keydown', (event) => {
    if (event.repeat && event.key === 'Enter') event.preventDefault();
  });
  byId('confirm-go').addEventListener('click', () => byId('confirm-dialog').close('go'));
  byId('confirm-cancel').addEventListener('click', () => byId('confirm-dialog').close());
}
