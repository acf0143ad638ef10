// The field in which the user writes.

import { run } from './commands.js';
import { completions } from './completion.js';
import { byId, lazily } from './dom.js';
import { follow, scrollPage } from './messages-view.js';
import { cancelReply, resumeReply } from './reply.js';
import { store } from './store.js';
import { hideSuggestions, startSuggestions, suggest, suggestionKey } from './suggestions.js';
import { sent, typed } from './typing.js';
import { isolated } from './words.js';

const field = byId('composer');
const form = byId('composer-form');

/** The texts that were sent before, for the arrow keys, the newest last. */
const lines = [];
const MOST_LINES = 100;
let recalled = null;
let unfinished = '';
let cycle = null;
let shown = null;

/** Shows the draft of another conversation, and keeps the draft of the one before. */
function switchDraft() {
  const { active } = store;
  if (active === shown) return;
  if (shown) shown.draft = field.value;
  shown = active;
  put(active?.draft ?? '');
}

const draw = lazily(() => {
  const { active } = store;
  const out = active !== null && !active.joined;
  form.hidden = active === null || out;
  field.disabled = form.hidden;
  byId('not-joined').hidden = !out;
  byId('nowhere').hidden = active !== null;
  field.placeholder = active ? `Message ${isolated(active.title)}` : '';
});

function put(text) {
  field.value = text;
  field.setSelectionRange(text.length, text.length);
  recalled = null;
  cycle = null;
  hideSuggestions();
  grow();
}

/** Fits the height of the field to its text. Browsers with `field-sizing` do that themselves. */
function grow() {
  if (!CSS.supports('field-sizing', 'content')) field.rows = Math.min(field.value.split('\n').length, 6);
  if (shown) shown.draft = field.value;
}

async function send() {
  const text = field.value;
  const conversation = store.active;
  if (!text.trim()) return;
  if (lines.at(-1) !== text && !mayHavePassword(text)) lines.push(text);
  if (lines.length > MOST_LINES) lines.shift();
  put('');
  sent();
  follow();
  if (!(await run(text, conversation))) giveBack(text, conversation);
}

/** Returns true for the commands that people write with a password in a terminal. */
const mayHavePassword = (text) => /^\s*\/(register|login|password|unregister)\b/iu.test(text);

/** Puts back a text that could not be sent, unless the user has begun to write another. */
function giveBack(text, conversation) {
  if (conversation.draft !== '') return;
  if (store.active === conversation) put(text);
  else conversation.draft = text;
}

/** Puts a message that could not be sent into the field, to be edited. */
function edit({ text, kind, reply }) {
  const escaped = text.startsWith('/') ? `/${text}` : text;
  put([field.value, kind === 'action' ? `/me ${text}` : escaped].filter(Boolean).join('\n'));
  resumeReply(reply);
  field.focus();
}

/** Inserts a text at the cursor, such as a mention. */
function insert(text) {
  const { selectionStart, value } = field;
  const isWord = selectionStart > 0 && !/\s/u.test(value[selectionStart - 1]);
  field.setRangeText(isWord ? ` ${text}` : text, selectionStart, field.selectionEnd, 'end');
  field.focus();
  grow();
  store.remember();
}

/** Recalls an earlier or later text. Returns false if there is none in that direction. */
function recall(step) {
  const at = (recalled ?? lines.length) + step;
  if (at < 0 || at > lines.length || (recalled === null && step > 0)) return false;
  if (recalled === null) unfinished = field.value;
  put(at === lines.length ? unfinished : lines[at]);
  recalled = at === lines.length ? null : at;
  return true;
}

/**
 * Returns true if an arrow key recalls another text. Within a text, it moves the cursor until it is
 * at the beginning or the end.
 */
function atEdge(step) {
  const { value, selectionStart, selectionEnd } = field;
  if (selectionStart !== selectionEnd) return false;
  if (recalled !== null || value === '') return true;
  return step < 0 ? selectionStart === 0 : selectionEnd === value.length;
}

/** Completes the word before the cursor. Each further call shows the next option. */
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
  grow();
  return true;
}

const KEYS = {
  Enter: (event) => !event.shiftKey && (send(), true),
  Tab: (event) => !event.shiftKey && complete(),
  ArrowUp: () => atEdge(-1) && recall(-1),
  ArrowDown: () => atEdge(1) && recall(1),
  Escape: () => cancelReply(),
  PageUp: () => scrollPage(-1) ?? true,
  PageDown: () => scrollPage(1) ?? true,
};

export function startComposer() {
  store.on('active', switchDraft);
  store.on('active list topic', draw);
  store.on('edit', edit);
  store.on('insert', insert);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    send();
    field.focus();
  });
  field.addEventListener('keydown', (event) => {
    // Enter that ends the composition of Chinese or Japanese text does not send it. Safari ends the
    // composition before that key, and marks the key with this code.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key !== 'Tab' && event.key !== 'Shift') cycle = null;
    if (suggestionKey(event)) return event.preventDefault();
    if (KEYS[event.key]?.(event)) event.preventDefault();
  });
  field.addEventListener('input', () => {
    cycle = null;
    recalled = null;
    grow();
    suggest();
    typed(field.value);
    store.remember();
  });
  field.addEventListener('blur', hideSuggestions);
  startSuggestions();
}
