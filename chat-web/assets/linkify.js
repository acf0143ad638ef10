// Links in what people say: http and https, and nothing else. A message is never markup.

import { make } from './dom.js';

const CANDIDATE = /\bhttps?:\/\/[^\s<>"`]+/giu;
/** What ends a sentence rather than an address. */
const TRAILING = /[.,;:!?'’”»…]/u;
const BRACKETS = { ')': '(', ']': '[', '}': '{' };

/** A text in pieces, each with the address that it links to, if it does. */
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

/** A text as nodes: text, and links that open elsewhere and cannot reach back to this page. */
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

/** Without punctuation at the end; a bracket stays if it was opened inside. */
function trimmed(candidate) {
  const open = {}; // How often each character is in what is left.
  for (const character of candidate) open[character] = (open[character] ?? 0) + 1;
  let end = candidate.length;
  for (; end > 0; end--) {
    const last = candidate[end - 1];
    const opening = BRACKETS[last];
    const unopened = opening && open[last] > (open[opening] ?? 0);
    if (!unopened && !TRAILING.test(last)) break;
    open[last]--;
  }
  return candidate.slice(0, end);
}

function safeAddress(words) {
  if (!URL.canParse(words)) return undefined;
  const url = new URL(words);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : undefined;
}
