// Names as the server compares them, and what the page makes of them.

/** The form in which two spellings of one name are equal. */
export const fold = (name) => name.normalize('NFKC').toLowerCase();

export const sameName = (one, other) => fold(one) === fold(other);

/** A channel's name without the sign that people may write in front. */
export const bareChannel = (name) => name.trim().replace(/^#/, '');

/** Under which key a conversation is kept: a channel and a person may have the same name. */
export const channelKey = (name) => `#${fold(bareChannel(name))}`;
export const privateKey = (nickname) => `@${fold(nickname)}`;

const HUES = 12;

/** The class that gives a person their colour, the same on every visit. */
export function hue(nickname) {
  let hash = 7;
  for (const character of fold(nickname)) hash = (hash * 31 + character.codePointAt(0)) % 65521;
  return `hue-${hash % HUES}`;
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** What stands for a person where there is no room for the name. */
export function initial(nickname) {
  const [first] = graphemes.segment(nickname);
  return (first?.segment ?? '?').toUpperCase();
}

/** Whether a text has a name in it, as a word of its own. */
export function mentions(text, nickname) {
  const words = fold(text);
  const wanted = fold(nickname);
  for (let at = words.indexOf(wanted); at >= 0; at = words.indexOf(wanted, at + 1)) {
    const end = at + wanted.length;
    // Two units hold any one character.
    const before = words.slice(Math.max(0, at - 2), at);
    const after = words.slice(end, end + 2);
    if (!/[\p{L}\p{N}_]$/u.test(before) && !/^[\p{L}\p{N}_]/u.test(after)) return true;
  }
  return false;
}

const collator = new Intl.Collator(undefined, { sensitivity: 'base', numeric: true });

/** The order in which names are listed. */
export const byName = (one, other) => collator.compare(one, other);
