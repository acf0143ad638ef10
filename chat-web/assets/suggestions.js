// The list of completions above the field, while the user types a name, a channel, a command or an
// emoji.

import { suggestions } from './completion.js';
import { byId, make, relabel } from './dom.js';
import { Listbox } from './listbox.js';
import { store } from './store.js';
import { counted } from './words.js';

const field = byId('composer');
const status = byId('suggestions-status');
const listbox = new Listbox(field, byId('suggestions'), take);

/** The completions that are shown: their `start` in the text, and the `options`. */
let shown = null;
/** The beginning of the word for which the user has closed the list; null: none. */
let closedAt = null;

/** Shows, updates or hides the list, after the text has changed. */
export function suggest() {
  const before = field.value.slice(0, field.selectionStart);
  const found = field.selectionStart === field.selectionEnd ? suggestions(before) : null;
  if (!found) closedAt = null;
  if (!found || found.start === closedAt) return hide();
  shown = found;
  relabel(status, `${counted(found.options.length, 'suggestion')}.`);
  listbox.show(found.options.map(nodes), found.first ? 0 : -1);
}

const nodes = ({ label, detail }) => [
  make('bdi', { text: label }),
  detail && make('span', { class: 'muted', text: detail }),
];

export function hideSuggestions() {
  closedAt = null;
  hide();
}

function hide() {
  listbox.hide();
  relabel(status, '');
}

/** Replaces the word with an option. */
function take(index) {
  const { start, options } = shown;
  const { value, selectionStart } = field;
  field.setRangeText(options[index].text, start, selectionStart, 'end');
  // A space after the option replaces the one that is there.
  const end = field.selectionStart;
  if (value[selectionStart] === ' ' && field.value[end - 1] === ' ') {
    field.setRangeText('', end, end + 1, 'end');
  }
  hide();
  field.dispatchEvent(new InputEvent('input', { inputType: 'insertReplacementText' }));
}

/** Each returns false if the key is not for the list. */
const KEYS = {
  ArrowDown: () => listbox.step(1),
  ArrowUp: () => listbox.step(-1),
  Enter: (event) => !event.shiftKey && listbox.at >= 0 && take(listbox.at),
  Tab: (event) => !event.shiftKey && take(Math.max(listbox.at, 0)),
  Escape() {
    closedAt = shown.start;
    hide();
  },
};

/** Handles a key in the field. Returns true if it was for the list. */
export const suggestionKey = (event) =>
  listbox.isOpen && KEYS[event.key] !== undefined && KEYS[event.key](event) !== false;

export function startSuggestions() {
  // The list of emoji has been loaded.
  store.on('emoji', suggest);
}
