// Tells the user of mentions and private messages while the page is not looked at: notifications of
// the browser, and a dot on the icon. The browser is asked for permission only when the user wants
// notifications, which the page offers after the first mention.

import { byId } from './dom.js';
import * as memory from './memory.js';
import { notify } from './notices.js';
import { store } from './store.js';
import { isolated, shortened } from './words.js';

const isPossible = () => 'Notification' in window && isSecureContext;
const isOn = () =>
  isPossible() && memory.alerts.get() === true && Notification.permission === 'granted';

/** Turns notifications on or off. Returns a sentence about what holds now. */
export async function setAlerts(wanted) {
  if (!wanted) {
    memory.alerts.set(false);
    return 'Notifications are off.';
  }
  if (!isPossible()) return 'The browser shows notifications only of pages loaded over HTTPS.';
  const permission = await Notification.requestPermission();
  if (permission !== 'granted') return 'The browser does not allow notifications of this page.';
  memory.alerts.set(true);
  return 'Notifications are on: for mentions and private messages while you look elsewhere.';
}

/** Handles a message that concerns the user, and that the user does not see. */
function concern({ conversation, message }) {
  if (isOn()) show(conversation, message);
  else if (isPossible() && memory.alerts.get() === null) offer();
}

function show(conversation, { nickname, text }) {
  const where = conversation.isChannel ? ` in ${isolated(conversation.title)}` : '';
  const title = `${isolated(nickname)}${where}`;
  const shown = made(title, { body: shortened(text), tag: conversation.key });
  shown?.addEventListener('click', () => {
    focus();
    if (store.conversations.has(conversation.key)) store.activate(conversation);
    shown.close();
  });
}

/**
 * Makes a notification, which replaces the one before with the same tag. Browsers of phones allow
 * notifications only to pages that are installed, and throw an error.
 */
function made(title, options) {
  try {
    return new Notification(title, options);
  } catch {
    return null;
  }
}

/** Offers notifications once. */
function offer() {
  memory.alerts.set(false);
  const action = { label: 'Turn on', command: '/notifications on' };
  notify('alerts', 'Do you want notifications of mentions and private messages?', { action });
}

/** A dot for the corner of the icon. */
const DOT = '<circle cx="25" cy="7" r="7" fill="#d33"/>';

/** The icon without and with the dot; null: it has no text in which to draw. */
const icons = () => {
  const plain = byId('icon').href;
  if (!plain.startsWith('data:image/svg+xml,')) return null;
  return { plain, dotted: plain.replace(/%3C\/svg%3E$/u, `${encodeURIComponent(DOT)}%3C/svg%3E`) };
};

export function startAlerts() {
  const known = icons();
  store.on('concern', concern);
  store.on('list', () => {
    if (known === null) return;
    const isDotted = store.listed().some(({ mentions }) => mentions > 0);
    const href = isDotted ? known.dotted : known.plain;
    if (byId('icon').href !== href) byId('icon').href = href;
  });
}
