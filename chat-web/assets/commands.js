// Runs `/` commands. They are the same as in a terminal.

import { COMMANDS, Usage } from './command-list.js';
import { Cancelled } from './confirm.js';
import { note } from './journal.js';
import { tell } from './notices.js';
import { cleaned, say } from './outbox.js';
import { store } from './store.js';
import { firstWord, phrase, sentence, shortened } from './words.js';

const BY_NAME = new Map(COMMANDS.flatMap((command) => command.names.map((name) => [name, command])));

/** Returns the commands that are completed, sorted by name. */
export const commandUsages = () =>
  [...BY_NAME].sort().map(([name, { help }]) => ({ name: `/${name}`, help }));

/**
 * Sends a text or runs a command. A text that begins with white space is never a command. Never
 * rejects: errors are shown in the conversation. Returns false if it failed, so that the text can be
 * put back into the field.
 */
export async function run(input, conversation = store.active) {
  const text = cleaned(input);
  try {
    if (text.startsWith('/') && !text.startsWith('//')) await runCommand(text, conversation);
    else if (text && conversation) say(conversation, text.replace(/^\/\//u, '/'));
    return true;
  } catch (error) {
    if (!(error instanceof Cancelled)) complain(store.active ?? conversation, text, error);
    return false;
  }
}

async function runCommand(text, conversation) {
  const [verb, rest] = firstWord(text.slice(1));
  const command = BY_NAME.get(verb.toLowerCase());
  if (!command) throw new Usage(phrase`Unknown command ${`/${verb}`}. Type /help for available commands.`);
  if (command.needs && !rest) throw new Usage(`Usage: ${command.usage}`);
  if (rest.includes('\n') && !command.lines) {
    throw new Usage(phrase`A command is one line; nothing was done: ${shortened(text)}`);
  }
  await command.run(rest, conversation);
}

/** Shows what has failed, and why. */
function complain(conversation, text, error) {
  const isCommand = text.startsWith('/') && !text.startsWith('//');
  let words = sentence(error.message);
  if (error instanceof Usage) words = error.words;
  else if (isCommand) words = phrase`${shortened(text)} – ${words}`;
  if (conversation) note(conversation, words, { tone: 'error' });
  else tell(null, words);
}
