// A menu of actions at an element, such as those on a person.

import { make } from './dom.js';
import { fold } from './names.js';
import { perform } from './perform.js';

/** The distance in pixels from the edges of the window. */
const MARGIN = 8;

/** The menu; null: it has not been opened yet. */
let menu = null;
/** The element to which the focus returns. */
let opener = null;

/**
 * Opens a menu at `place`, a rectangle. An item is `{ label, act, danger }`; missing ones are left
 * out, and an action may return a promise. The focus returns to `from` afterwards.
 */
export function openMenu(label, items, place, from) {
  menu ??= build();
  opener = from;
  // The menu belongs to the landmark of its opener, whose neighbours may be inert.
  (from.closest('main, nav, aside') ?? document.body).append(menu);
  menu.setAttribute('aria-label', label);
  menu.replaceChildren(...items.filter(Boolean).map(button));
  menu.showPopover();
  put(place);
  menu.firstElementChild.focus();
}

const button = ({ label, act, danger }) =>
  make('button', {
    type: 'button',
    role: 'menuitem',
    tabindex: '-1',
    class: danger && 'danger',
    text: label,
    onclick() {
      close();
      perform(act());
    },
  });

function build() {
  const built = make('div', { id: 'menu', role: 'menu', popover: 'auto' });
  built.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const to = target(event);
    if (to === undefined) return;
    event.preventDefault();
    to?.focus();
  });
  return built;
}

/** Returns the item to which a key moves the focus; null: to none, undefined: the key is no key. */
function target({ key }) {
  const items = [...menu.children];
  const at = items.indexOf(document.activeElement);
  if (key === 'ArrowDown') return items.at((at + 1) % items.length);
  if (key === 'ArrowUp') return items.at(at < 1 ? -1 : at - 1);
  if (key === 'Home') return items[0];
  if (key === 'End') return items.at(-1);
  if (key === 'Tab' || key === 'Escape') {
    close();
    return null;
  }
  if ([...key].length !== 1 || key === ' ') return undefined;
  // The next item that begins with the letter.
  const begins = (item) => fold(item.textContent).startsWith(fold(key));
  return items.slice(at + 1).find(begins) ?? items.find(begins) ?? null;
}

function close() {
  menu.hidePopover();
  opener?.focus({ preventScroll: true });
}

/** Puts the menu below the place if there is room, or above, and within the window. */
function put({ left, top, bottom }) {
  const { width, height } = menu.getBoundingClientRect();
  const isBelow = bottom + height + MARGIN <= innerHeight || top < height + MARGIN;
  const above = Math.max(MARGIN, top - height);
  const y = isBelow ? Math.min(bottom, Math.max(MARGIN, innerHeight - height - MARGIN)) : above;
  menu.style.left = `${Math.max(MARGIN, Math.min(left, innerWidth - width - MARGIN))}px`;
  menu.style.top = `${y}px`;
}
