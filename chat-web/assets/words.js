// Small matters of language.

/** A sentence of what the server says in lower case and without a full stop. */
export function sentence(text) {
  const [first = '', ...rest] = text;
  return `${first.toUpperCase()}${rest.join('')}.`;
}

/** `1 member`, `2 members`. */
export const counted = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** The first word of a text, and what comes after it. */
export function firstWord(text) {
  const [, word, rest] = /^(\S*)\s*([^]*)$/u.exec(text);
  return [word, rest];
}
