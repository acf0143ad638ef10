// Copies to the clipboard, and tells screen readers about it.

import { byId } from './dom.js';

/** Copies a text. A page without TLS may not use the clipboard's interface. */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    announce('Copied.');
  } catch {
    announce(copyBySelection(text) ? 'Copied.' : 'The browser does not allow to copy.');
  }
}

/** Copies a text in the way of browsers before the interface: by a selected field. */
function copyBySelection(text) {
  const focused = document.activeElement;
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'visually-hidden';
  document.body.append(field);
  field.select();
  const isCopied = document.execCommand('copy');
  field.remove();
  focused?.focus();
  return isCopied;
}

let timer = null;

/** Shows a short message for a moment. */
function announce(text) {
  const toast = byId('toast');
  toast.textContent = text;
  clearTimeout(timer);
  timer = setTimeout(() => (toast.textContent = ''), 3_000);
}
