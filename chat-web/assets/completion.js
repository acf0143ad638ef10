// Completes commands, channels and nicknames with Tab.

import { commandNames } from './commands.js';
import { byName, fold } from './names.js';
import { store } from './store.js';

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
  if (word.startsWith('/')) {
    return start === 0 ? commandNames().sort().map((name) => `${name} `) : [];
  }
  if (word.startsWith('#')) return store.channels().map((channel) => `${channel.title} `);
  // A name at the beginning of a line addresses that user.
  return nicknames().map((nickname) => (start === 0 ? `${nickname}: ` : `${nickname} `));
}

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
