// Where one writes.

import { run } from './commands.js';
import { completions } from './completion.js';
import { byId, lazily } from './dom.js';
import { follow, scrollPage } from './messages-view.js';
import { store } from './store.js';

const field = byId('composer');
const form = byId('composer-form');

/** What was said before, for the arrow keys; the last is what is being written. */
const lines = [];
const MOST_LINES = 100;
let recalled = null;
let unfinished = '';
let cycle = null;
let shown = null;

const draw = lazily(() => {
  const { active } = store;
  if (active !== shown) {
    if (shown) shown.draft = field.value;
    shown = active;
    put(active?.draft ?? '');
  }
  const out = active !== null && !active.joined;
  form.hidden = active === null || out;
  field.disabled = form.hidden;
  byId('not-joined').hidden = !out;
  byId('nowhere').hidden = active !== null;
  field.placeholder = active ? `Message ${active.title}` : '';
});

function put(text) {
  field.value = text;
  field.setSelectionRange(text.length, text.length);
  recalled = null;
  cycle = null;
}

function send() {
  const line = field.value;
  if (!line.trim()) return;
  if (lines.at(-1) !== line) lines.push(line);
  if (lines.length > MOST_LINES) lines.shift();
  put('');
  follow();
  run(line);
}

/** Goes through what was said before. False if there is nothing in that direction. */
function recall(step) {
  const at = (recalled ?? lines.length) + step;
  if (at < 0 || at > lines.length || (recalled === null && step > 0)) return false;
  if (recalled === null) unfinished = field.value;
  put(at === lines.length ? unfinished : lines[at]);
  recalled = at === lines.length ? null : at;
  return true;
}

/** The arrows move within a text of several lines; only at its ends do they leave it. */
function atEdge(step) {
  const { value, selectionStart, selectionEnd } = field;
  if (selectionStart !== selectionEnd) return false;
  if (recalled !== null || value === '') return true;
  return step < 0 ? selectionStart === 0 : selectionEnd === value.length;
}

/** Completes the word before the cursor; each further call offers the next. */
function complete() {
  if (!cycle) {
    const end = field.selectionEnd;
    const found = completions(field.value.slice(0, end));
    if (!found) return false;
    cycle = { ...found, at: -1, rest: field.value.slice(end) };
  }
  cycle.at = (cycle.at + 1) % cycle.options.length;
  const { start, options, at, rest } = cycle;
  const before = field.value.slice(0, start) + options[at];
  field.value = before + rest;
  field.setSelectionRange(before.length, before.length);
  return true;
}

const KEYS = {
  Enter: () => send() ?? true,
  Tab: (event) => !event.shiftKey && complete(),
  ArrowUp: () => atEdge(-1) && recall(-1),
  ArrowDown: () => atEdge(1) && recall(1),
  PageUp: () => scrollPage(-1) ?? true,
  PageDown: () => scrollPage(1) ?? true,
};

export function startComposer() {
  store.on('active list topic', draw);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    send();
    field.focus();
  });
  field.addEventListener('keydown', (event) => {
    // Enter ends a composition of Chinese or Japanese; it does not send yet.
    if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key !== 'Tab' && event.key !== 'Shift') cycle = null;
    if (KEYS[event.key]?.(event)) event.preventDefault();
  });
  field.addEventListener('input', () => {
    cycle = null;
    recalled = null;
  });
}
