// The row of reactions below a message.

import { make } from './dom.js';
import { fold } from './names.js';
import { store } from './store.js';
import { isolated } from './words.js';

/** Returns the users who have reacted with an emoji, which may be the name of a property. */
export const usersOf = (reactions, emoji) =>
  reactions && Object.hasOwn(reactions, emoji) ? reactions[emoji] : [];

/** Returns true if the user is among these, who have reacted with one emoji. */
export const isOwnReaction = (users) =>
  store.me !== null && users.some((user) => fold(user) === fold(store.me));

/** Returns the row of reactions of a message as an element; null: it has none. */
export function reactionRow(node, { reactions, deleted }) {
  const all = deleted ? [] : Object.entries(reactions ?? {});
  if (all.length === 0) return null;
  const properties = { class: 'reactions', role: 'group', 'aria-label': 'Reactions' };
  const row = node.querySelector('.reactions') ?? make('div', properties);
  if (row.shown === reactions) return row;
  row.shown = reactions;
  // A button that has the focus stays in place.
  const chips = new Map([...row.children].map((chip) => [chip.dataset.reaction, chip]));
  const shown = all.map(([emoji, users]) => updated(chips.get(emoji) ?? chip(emoji), users));
  for (const chip of row.children) if (!shown.includes(chip)) chip.remove();
  shown.forEach((chip, index) => {
    if (row.children[index] !== chip) row.insertBefore(chip, row.children[index] ?? null);
  });
  return row;
}

const chip = (emoji) =>
  make(
    'button',
    { class: 'chip', type: 'button', 'data-reaction': emoji },
    make('bdi', { text: emoji }),
    ' ',
    make('span'),
  );

function updated(chip, users) {
  chip.setAttribute('aria-pressed', String(isOwnReaction(users)));
  chip.title = users.map(isolated).join(', ');
  chip.lastElementChild.textContent = String(users.length);
  return chip;
}
