// Ctrl+K (or Cmd+K) opens the dialog to go to a conversation. Its script is loaded when it is
// needed.

import { isInside } from './name-form.js';
import { onDemand } from './on-demand.js';

const open = onDemand(async () => {
  const { openSwitcher } = await import('./switcher.js');
  return openSwitcher;
});

export function startSwitcher() {
  addEventListener('keydown', (event) => {
    if (event.key.toLowerCase() !== 'k' || event.shiftKey || event.altKey) return;
    if (!(event.ctrlKey || event.metaKey) || !isInside()) return;
    const others = document.querySelector('dialog[open]:not(#switcher)');
    event.preventDefault();
    if (!others) open();
  });
}
