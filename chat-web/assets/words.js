// Helper functions for texts.

/** Makes a sentence of a server's message, which begins in lower case and has no full stop. */
export function sentence(text) {
  const [first = '', ...rest] = text;
  return `${first.toUpperCase()}${rest.join('')}.`;
}

/**
 * Returns a sentence with inserted values as a list of parts: `phrase`${nickname} joined``. A value
 * may be written from right to left; `phraseNodes` isolates it, so that it does not change the
 * direction of the rest.
 */
export const phrase = (strings, ...values) =>
  strings.flatMap((string, index) =>
    index < values.length ? [string, { value: String(values[index]) }] : [string],
  );

/** Isolates a text for attributes and titles, which cannot contain elements. */
export const isolated = (text) => (RIGHT_TO_LEFT.test(text) ? `\u2068${text}\u2069` : text);

/** The blocks of Hebrew, Arabic and other scripts that are written from right to left. */
const RIGHT_TO_LEFT =
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** Returns the beginning of a text, enough to recognise it. */
export const shortened = (text) => {
  const [line] = text.split('\n');
  return line.length < text.length || line.length > 80 ? `${line.slice(0, 80)}…` : line;
};

/** Returns a count with its noun: `1 member`, `2 members`. */
export const counted = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** Returns the first word of a text, and the rest. */
export function firstWord(text) {
  const [, word, rest] = /^(\S*)\s*([^]*)$/u.exec(text);
  return [word, rest];
}
