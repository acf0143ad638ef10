// Common functions of the dialogs. They are native `dialog` elements, which keep the focus inside
// and restore it afterwards.

import { byId, make, setText } from './dom.js';
import { sentence } from './words.js';

/** Makes the head of a dialog: its heading, and the button that closes it. */
export function dialogHead(id, text) {
  const close = { class: 'icon close-dialog', type: 'button', 'aria-label': 'Close' };
  return make(
    'div',
    { class: 'dialog-head' },
    make('h2', { id, text }),
    make('button', { ...close, text: '✕' }),
  );
}

/** Opens a dialog. Escape, its close button, and a click outside close it. */
export function openDialog(id) {
  const dialog = byId(id);
  for (const problem of dialog.querySelectorAll('.error')) setText(problem, '');
  dialog.showModal();
}

/** Runs the action of a form, and shows an error below it. Returns true if there was none. */
export async function attempt(problemId, work) {
  const problem = byId(problemId);
  setText(problem, '');
  try {
    await work();
    return true;
  } catch (error) {
    setText(problem, sentence(error.message));
    return false;
  }
}

/** Lets the close button of a dialog, and a click outside, close it. */
export function startDialog(dialog) {
  dialog.querySelector('.close-dialog').addEventListener('click', () => dialog.close());
  dialog.addEventListener('click', (event) => {
    const box = dialog.getBoundingClientRect();
    const outside =
      event.clientX < box.left ||
      event.clientX > box.right ||
      event.clientY < box.top ||
      event.clientY > box.bottom;
    // A button that is pressed with a key makes a click event without coordinates.
    if (outside && event.target === dialog && event.detail > 0) dialog.close();
  });
}

export const startDialogs = () => document.querySelectorAll('dialog').forEach(startDialog);
