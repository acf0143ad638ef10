// What the dialogs have in common: the browser's own, which keep the keyboard inside and give the focus back.

import { byId, setText } from './dom.js';
import { sentence } from './words.js';

/** Opens a dialog. Escape, its own button, and a click beside it close it. */
export function openDialog(id) {
  const dialog = byId(id);
  for (const problem of dialog.querySelectorAll('.error')) setText(problem, '');
  dialog.showModal();
}

/** Runs what a form asks for; what goes wrong is said below it. True if nothing did. */
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

export function startDialogs() {
  for (const dialog of document.querySelectorAll('dialog')) {
    dialog.querySelector('.close-dialog').addEventListener('click', () => dialog.close());
    dialog.addEventListener('click', (event) => {
      const box = dialog.getBoundingClientRect();
      const outside =
        event.clientX < box.left ||
        event.clientX > box.right ||
        event.clientY < box.top ||
        event.clientY > box.bottom;
      // A key that presses a button is a click at no place.
      if (outside && event.target === dialog && event.detail > 0) dialog.close();
    });
  }
}
