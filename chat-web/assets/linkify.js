// Finds links in messages. Only http and https are links. A message is never markup.

import { make } from './dom.js';

const CANDIDATE = /\bhttps?:\/\/[^\s<>"`]+/giu;
/** Punctuation that ends a sentence rather than an address. */
const TRAILING = /[.,;:!?'’”»…]/u;
const BRACKETS = { ')': '(', ']': '[', '}': '{' };

/** Splits a text into pieces. A piece that is a link has an `address`. */
export function pieces(text) {
  const found = [];
  let end = 0;
  for (const match of text.matchAll(CANDIDATE)) {
    const words = trimmed(match[0]);
    const address = safeAddress(words);
    if (!address) continue;
    if (match.index > end) found.push({ text: text.slice(end, match.index) });
    found.push({ text: words, address });
    end = match.index + words.length;
  }
  if (end < text.length) found.push({ text: text.slice(end) });
  return found;
}

/** Returns a text as nodes. Its links open in a new tab without access to this page. */
export function linkified(text) {
  return pieces(text).map((piece) =>
    piece.address
      ? make('a', {
          href: piece.address,
          target: '_blank',
          rel: 'noopener noreferrer',
          text: piece.text,
        })
      : document.createTextNode(piece.text),
  );
}

/** Removes punctuation at the end. A closing bracket stays if the address contains its opening. */
function trimmed(candidate) {
  const counts = {}; // How often each character occurs in the rest.
  for (const character of candidate) counts[character] = (counts[character] ?? 0) + 1;
  let end = candidate.length;
  for (; end > 0; end--) {
    const last = candidate[end - 1];
    const opening = BRACKETS[last];
    const unopened = opening && counts[last] > (counts[opening] ?? 0);
    if (!unopened && !TRAILING.test(last)) break;
    counts[last]--;
  }
  return candidate.slice(0, end);
}

function safeAddress(words) {
  if (!URL.canParse(words)) return undefined;
  const url = new URL(words);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : undefined;
}
