// On a narrow page, the side panels are drawers. One can be open at a time, above the rest.

import { byId } from './dom.js';

const chat = byId('chat');
const backdrop = byId('backdrop');
const OPENERS = { nav: 'nav-button', 'people-panel': 'people-button' };

let open = null;

function openDrawer(id) {
  open = id;
  chat.dataset.drawer = id;
  backdrop.hidden = false;
  byId(OPENERS[id]).setAttribute('aria-expanded', 'true');
  for (const other of chat.children) other.inert = other.id !== id && other !== backdrop;
  byId(id).querySelector('.close-panel').focus();
}

/** Closes the open drawer. Returns true if there was one. */
export function closeDrawer() {
  if (!open) return false;
  const opener = byId(OPENERS[open]);
  open = null;
  delete chat.dataset.drawer;
  backdrop.hidden = true;
  for (const other of chat.children) other.inert = false;
  opener.setAttribute('aria-expanded', 'false');
  opener.focus();
  return true;
}

export function startDrawers() {
  for (const [id, opener] of Object.entries(OPENERS)) {
    byId(opener).addEventListener('click', () => openDrawer(id));
    byId(id).querySelector('.close-panel').addEventListener('click', closeDrawer);
  }
  backdrop.addEventListener('click', closeDrawer);
  addEventListener('keydown', (event) => {
    // A menu or a dialog above the drawer closes first.
    if (event.defaultPrevented || event.key !== 'Escape') return;
    if (closeDrawer()) event.preventDefault();
  });
  // A page that becomes wide again shows the panels in their columns.
  for (const width of ['44rem', '62rem']) {
    matchMedia(`(max-width: ${width})`).addEventListener('change', closeDrawer);
  }
}
