// Finds links in messages. Only http and https are links. A message is never markup.

import { make } from './dom.js';

/** A part of a text that may be an address. */
export const CANDIDATE = /\bhttps?:\/\/[^\s<>"`]+/giu;
/** Punctuation that ends a sentence rather than an address. */
const TRAILING = /[.,;:!?'’”»…]/u;
const BRACKETS = { ')': '(', ']': '[', '}': '{' };

/** Returns the link at the beginning of a candidate, or undefined if it is none. */
export function linkOf(candidate) {
  const text = trimmed(candidate);
  const address = safeAddress(text);
  return address && { text, address };
}

/** Returns the element of a link. It opens in a new tab without access to this page. */
export const linkNode = ({ text, address }) =>
  make('a', { href: address, target: '_blank', rel: 'noopener noreferrer', text });

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
