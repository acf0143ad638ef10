// Small matters of language.

/** A sentence of what the server says in lower case and without a full stop. */
export function sentence(text) {
  const [first = '', ...rest] = text;
  return `${first.toUpperCase()}${rest.join('')}.`;
}

/**
 * A sentence with names, reasons and the like in it, as a list of parts: `phrase`${nickname} joined``. What is put in
 * may be written from right to left; `phraseNodes` keeps it apart, so that it does not turn the rest around.
 */
export const phrase = (strings, ...values) =>
  strings.flatMap((string, index) =>
    index < values.length ? [string, { value: String(values[index]) }] : [string],
  );

/** The same for attributes and titles, which take no elements. */
export const isolated = (text) => (RIGHT_TO_LEFT.test(text) ? `\u2068${text}\u2069` : text);

/** The blocks of Hebrew, Arabic and the other scripts that are written from right to left. */
const RIGHT_TO_LEFT =
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** The beginning of a text, for where it only has to be recognised. */
export const shortened = (text) => {
  const [line] = text.split('\n');
  return line.length < text.length || line.length > 80 ? `${line.slice(0, 80)}…` : line;
};

/** `1 member`, `2 members`. */
export const counted = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** The first word of a text, and what comes after it. */
export function firstWord(text) {
  const [, word, rest] = /^(\S*)\s*([^]*)$/u.exec(text);
  return [word, rest];
}
