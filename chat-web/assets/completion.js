// Completes commands, channels, nicknames and emoji: with Tab, and in the list above the field.

import { commandUsages } from './commands.js';
import { byName, fold } from './names.js';
import { onDemand } from './on-demand.js';
import { store } from './store.js';

/** The most options in the list. */
const MOST = 8;

/**
 * Returns the completions of the last word of a text: where the word begins, and its replacements.
 * Returns null if there are none, so that Tab can move the focus.
 */
export function completions(text) {
  const start = text.search(/\S*$/u);
  const word = text.slice(start);
  if (!word) return null;
  const options = candidates(word, start).filter((option) => fold(option).startsWith(fold(word)));
  return options.length > 0 ? { start, options } : null;
}

function candidates(word, start) {
  if (word.startsWith('/')) return start === 0 ? commands().map(({ text }) => text) : [];
  if (word.startsWith('#')) return channels().map(({ text }) => text);
  if (word.startsWith('@')) return mentionable().map(({ text }) => text);
  // A name at the beginning of a line addresses that user.
  return nicknames().map((nickname) => (start === 0 ? `${nickname}: ` : `${nickname} `));
}

/**
 * Returns the list for the last word of a text, if the word begins with `/`, `#`, `@` or `:`. An
 * option has the `text` that replaces the word, and a `label` and perhaps a `detail` to be shown.
 * `first` is false if Enter must not take the first option, because the word may be complete.
 */
export function suggestions(text) {
  const [, before, word] = /(^|[^]*\s)(\S*)$/u.exec(text);
  const find = SIGNS[word[0]];
  if (!find || (word[0] === '/' && before !== '')) return null;
  const wanted = fold(word);
  const options = find(word).filter(({ label }) => fold(label).startsWith(wanted)).slice(0, MOST);
  const isExact = options.some(({ label }) => fold(label) === wanted);
  if (options.length === 0 || (options.length === 1 && isExact)) return null;
  return { start: before.length, options, first: !isExact && word[0] !== '/' };
}

const commands = () =>
  commandUsages().map(({ name, help }) => ({ text: `${name} `, label: name, detail: help }));

const channels = () => store.channels().map(({ title }) => ({ text: `${title} `, label: title }));

const mentionable = () =>
  nicknames().map((nickname) => ({ text: `@${nickname} `, label: `@${nickname}` }));

/** The emoji by name, once they are loaded. */
let names = null;
const load = async () => {
  names ??= (await import('./emoji.js')).EMOJI;
};
const loadEmoji = onDemand(async () => {
  await load();
  return () => store.changed('emoji');
});

/** Returns the emoji of a name; undefined: there is none. */
export async function emojiNamed(name) {
  await load();
  return Object.hasOwn(names, name) ? names[name] : undefined;
}

/** Two letters are needed: `:D` and `:p` are complete. */
function emoji(word) {
  if (word.length < 3) return [];
  if (names === null) loadEmoji();
  return Object.entries(names ?? {}).map(([name, text]) => {
    return { text: `${text} `, label: `:${name}:`, detail: text };
  });
}

/** The options after a sign at the beginning of a word. */
const SIGNS = { '/': commands, '#': channels, '@': mentionable, ':': emoji };

/** Returns the nicknames of the conversation, with the latest speakers first. */
function nicknames() {
  const { active } = store;
  if (!active) return [];
  const present = new Map([...active.members.values()].map(({ nickname }) => [fold(nickname), nickname]));
  if (!active.isChannel) present.set(fold(active.name), active.name);
  const ordered = new Set();
  for (const entry of active.timeline.entries.toReversed()) {
    if (entry.type === 'message' && present.has(fold(entry.nickname))) {
      ordered.add(present.get(fold(entry.nickname)));
    }
  }
  for (const nickname of [...present.values()].sort(byName)) ordered.add(nickname);
  return [...ordered].filter((nickname) => !store.isMe(nickname));
}
