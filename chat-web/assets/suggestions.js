// The list of completions above the field, while the user types a name, a channel, a command or an
// emoji. The focus stays in the field, which names the chosen option (`aria-activedescendant`).

import { suggestions } from './completion.js';
import { byId, make, relabel } from './dom.js';
import { store } from './store.js';
import { counted } from './words.js';

const field = byId('composer');
const list = byId('suggestions');
const status = byId('suggestions-status');

/** The list that is shown: its `start` in the text, its `options`, and the chosen one's index. */
let open = null;
/** The beginning of the word for which the user has closed the list; null: none. */
let closedAt = null;

/** Shows, updates or hides the list, after the text has changed. */
export function suggest() {
  const before = field.value.slice(0, field.selectionStart);
  const found = field.selectionStart === field.selectionEnd ? suggestions(before) : null;
  if (!found) closedAt = null;
  if (!found || found.start === closedAt) return hide();
  open = { ...found, at: found.first ? 0 : -1 };
  list.replaceChildren(...found.options.map(option));
  list.hidden = false;
  field.setAttribute('aria-controls', 'suggestions');
  relabel(status, `${counted(found.options.length, 'suggestion')}.`);
  choose(open.at);
}

const option = ({ label, detail }, index) =>
  make(
    'li',
    {
      id: `suggestion-${index}`,
      role: 'option',
      // The field must not lose the focus.
      onpointerdown: (event) => event.preventDefault(),
      onclick: () => take(index),
    },
    make('bdi', { text: label }),
    detail && make('span', { class: 'muted', text: detail }),
  );

export function hideSuggestions() {
  closedAt = null;
  hide();
}

function hide() {
  open = null;
  list.hidden = true;
  field.removeAttribute('aria-controls');
  field.removeAttribute('aria-activedescendant');
  relabel(status, '');
}

function choose(at) {
  open.at = at;
  [...list.children].forEach((node, index) => {
    node.setAttribute('aria-selected', String(index === at));
  });
  if (at < 0) return field.removeAttribute('aria-activedescendant');
  field.setAttribute('aria-activedescendant', `suggestion-${at}`);
  list.children[at].scrollIntoView({ block: 'nearest' });
}

/** Replaces the word with an option. */
function take(index) {
  const { start, options } = open;
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

const step = (by) => {
  const { length } = open.options;
  choose(open.at < 0 && by < 0 ? length - 1 : (open.at + by + length) % length);
  return true;
};

const KEYS = {
  ArrowDown: () => step(1),
  ArrowUp: () => step(-1),
  Enter: (event) => !event.shiftKey && open.at >= 0 && (take(open.at), true),
  Tab: (event) => !event.shiftKey && (take(Math.max(open.at, 0)), true),
  Escape() {
    closedAt = open.start;
    hide();
    return true;
  },
};

/** Handles a key in the field. Returns true if it was for the list. */
export const suggestionKey = (event) => open !== null && Boolean(KEYS[event.key]?.(event));

export function startSuggestions() {
  // The list of emoji has been loaded.
  store.on('emoji', suggest);
}
