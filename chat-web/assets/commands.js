// The `/` commands: the same as for people with a terminal.

import { COMMANDS, Usage } from './command-list.js';
import { note } from './journal.js';
import { say } from './outbox.js';
import { store } from './store.js';
import { firstWord, sentence } from './words.js';

const BY_NAME = new Map(COMMANDS.flatMap((command) => command.names.map((name) => [name, command])));

/** The names that Tab completes. */
export const commandNames = () => [...BY_NAME.keys()].map((name) => `/${name}`);

/** Says a line, or does what it asks for. Never rejects: what goes wrong is told in the conversation. */
export async function run(line, conversation = store.active) {
  const text = line.trim();
  if (!text) return;
  if (!text.startsWith('/') || text.startsWith('//')) {
    if (conversation) say(conversation, text.startsWith('/') ? text.slice(1) : text);
    return;
  }
  const [verb, rest] = firstWord(text.slice(1));
  const command = BY_NAME.get(verb.toLowerCase());
  if (!command) {
    note(conversation, 'Unknown command. Type /help for available commands.', { tone: 'error' });
    return;
  }
  try {
    if (command.needs && !rest) throw new Usage(command.usage);
    await command.run(rest, conversation);
  } catch (error) {
    const words = error instanceof Usage ? `Usage: ${error.message}` : sentence(error.message);
    note(store.active ?? conversation, words, { tone: 'error' });
  }
}
