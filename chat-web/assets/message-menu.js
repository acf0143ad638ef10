// The menu of a message: by the button beside it, with the right mouse button, by a long press, and
// with the keyboard. In the list of messages, the arrow keys go from message to message.

import { report } from './actions.js';
import { linkTo } from './address.js';
import { deleteMessage, isChangeable, isModerator, pinMessage } from './amend.js';
import { copyText } from './clipboard.js';
import { ask, confirm } from './confirm.js';
import { byId } from './dom.js';
import { openMenu } from './menu.js';
import { onDemand } from './on-demand.js';
import { openPersonMenu } from './person-menu.js';
import { isKept, startReply } from './reply.js';
import { store } from './store.js';
import { isolated, shortened } from './words.js';

const scroller = byId('scroller');
const log = byId('messages');
const button = byId('message-actions');

/** The row at which the button is; null: it is hidden. */
let hovered = null;

const rowOf = (node) => node.closest?.('#messages [data-message-id]') ?? null;

/** Opens the menu of the message in a row. */
function open(row, place) {
  const entry = store.active?.timeline.get(row.dataset.key);
  if (!entry) return;
  const label = `Actions for the message of ${isolated(entry.nickname)}`;
  openMenu(label, items(entry, row), place, row.tabIndex === 0 ? row : byId('composer'));
}

const openEdit = onDemand(async () => {
  const { openEdit: open, startEdit } = await import('./edit-dialog.js');
  startEdit();
  return open;
});

const openReact = onDemand(async () => {
  const { openReact: open, startReact } = await import('./react-dialog.js');
  startReact();
  return open;
});

const items = (entry, row) => [
  ...(isKept(entry, store.active) ? answers(entry, store.active) : []),
  !entry.deleted && { label: 'Copy text', act: () => copyText(entry.text) },
  // Messages from before a restart may have lost their ids.
  entry.epoch === store.epoch && {
    label: 'Copy link',
    act: () => copyText(linkTo(store.active, entry.id)),
  },
  ...(isChangeable(entry) ? changes(entry, store.active) : []),
  !entry.own && !entry.deleted && {
    label: 'Report…',
    async act() {
      const title = `Report the message of ${isolated(entry.nickname)}?`;
      const reason = await ask({ title, label: 'Reason', go: 'Report' });
      await report({ id: entry.id }, entry.nickname, reason);
    },
  },
  !entry.system && {
    label: `${isolated(entry.nickname)}…`,
    act: () => openPersonMenu(entry.nickname, row.getBoundingClientRect(), byId('composer')),
  },
];

/** Returns the items that refer to a message. */
const answers = (entry, conversation) => [
  { label: 'Reply', act: () => startReply(conversation, entry) },
  { label: 'React…', act: () => openReact({ conversation, entry }) },
];

/** Returns the items that change a message. */
const changes = (entry, conversation) => [
  isModerator(conversation) && {
    label: entry.pinned ? 'Unpin' : 'Pin',
    act: () => pinMessage(conversation, entry, !entry.pinned),
  },
  entry.own && { label: 'Edit…', act: () => openEdit({ conversation, entry }) },
  (entry.own || isModerator(conversation)) && {
    label: 'Delete…',
    danger: true,
    async act() {
      const go = 'Delete';
      if (entry.own) {
        await confirm({ title: 'Delete this message?', text: shortened(entry.text), go });
        await deleteMessage(conversation, entry);
      } else {
        const title = `Delete the message of ${isolated(entry.nickname)}?`;
        const reason = await ask({ title, text: shortened(entry.text), label: 'Reason', go });
        await deleteMessage(conversation, entry, reason);
      }
    },
  },
];

/** Puts the button at a row. */
function hover(row) {
  hovered = row;
  button.hidden = row === null;
  if (row === null) return;
  const { top } = row.getBoundingClientRect();
  const place = scroller.parentElement.getBoundingClientRect().top;
  button.style.top = `${top - place}px`;
}

/** Moves the focus to a message. One message at a time can be reached with Tab. */
function focusRow(row) {
  for (const other of log.querySelectorAll('[tabindex="0"][data-message-id]')) {
    other.removeAttribute('tabindex');
  }
  row.tabIndex = 0;
  row.focus();
}

function key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const current = rowOf(document.activeElement);
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (step) {
    const rows = [...log.querySelectorAll('[data-message-id]')];
    const at = current ? rows.indexOf(current) + step : rows.length - 1;
    if (rows[at]) focusRow(rows[at]);
  } else if (event.key === 'Enter' && current === document.activeElement) {
    open(current, current.querySelector('.text').getBoundingClientRect());
  } else if (event.key === 'Escape' && current) {
    byId('composer').focus();
  } else {
    return;
  }
  event.preventDefault();
}

export function startMessageMenu() {
  log.addEventListener('pointerover', (event) => {
    if (event.pointerType === 'mouse') hover(rowOf(event.target));
  });
  scroller.parentElement.addEventListener('pointerleave', () => hover(null));
  scroller.addEventListener('scroll', () => hover(null), { passive: true });
  store.on('active', () => hover(null));
  button.addEventListener('click', () => {
    if (hovered?.isConnected) open(hovered, button.getBoundingClientRect());
  });
  log.addEventListener('contextmenu', (event) => {
    const row = rowOf(event.target);
    // The browser's own menu is for links and selected text.
    if (!row || event.target.closest('a') || !getSelection().isCollapsed) return;
    event.preventDefault();
    const { clientX: left, clientY: top } = event;
    open(row, { left, top, bottom: top });
  });
  scroller.addEventListener('keydown', key);
}
