// Compares names as the server does, and derives colours and initials from them.

/** Returns a form that is equal for all spellings of a name. */
export const fold = (name) => name.normalize('NFKC').toLowerCase();

export const sameName = (one, other) => fold(one) === fold(other);

/**
 * Returns a channel's name without the `#` that people may write in front. A second `#` belongs to
 * the name, and both are written then. Wide signs count as `#`.
 */
export const bareChannel = (name) => name.trim().replace(/^[#\uff03\ufe5f](?![#\uff03\ufe5f])/, '');

/** Returns a channel's name with its `#`. */
export function channelTitle(name) {
  const bare = bareChannel(name);
  return /^[#\uff03\ufe5f]/.test(bare) ? bare : `#${bare}`;
}

/** Return the key of a conversation. A channel and a user may have the same name. */
export const channelKey = (name) => fold(channelTitle(name));
export const privateKey = (nickname) => `@${fold(nickname)}`;

const HUES = 12;

/** Returns the CSS class of a user's colour. It depends only on the name. */
export function hue(nickname) {
  let hash = 7;
  for (const character of fold(nickname)) hash = (hash * 31 + character.codePointAt(0)) % 65521;
  return `hue-${hash % HUES}`;
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Returns the first character of a name, for avatars. */
export function initial(nickname) {
  const [first] = graphemes.segment(nickname);
  return (first?.segment ?? '?').toUpperCase();
}

/** Returns true if a text contains a name as a whole word. */
export function mentions(text, nickname) {
  const words = fold(text);
  const wanted = fold(nickname);
  for (let at = words.indexOf(wanted); at >= 0; at = words.indexOf(wanted, at + 1)) {
    const end = at + wanted.length;
    // Two UTF-16 code units hold any character.
    const before = words.slice(Math.max(0, at - 2), at);
    const after = words.slice(end, end + 2);
    if (!/[\p{L}\p{N}_]$/u.test(before) && !/^[\p{L}\p{N}_]/u.test(after)) return true;
  }
  return false;
}

const collator = new Intl.Collator(undefined, { sensitivity: 'base', numeric: true });

/** Compares names for sorting. */
export const byName = (one, other) => collator.compare(one, other);
