// Formats messages: a small, safe subset of Markdown, as elements.
//
// Blocks are code between lines of three backticks, quotes (`> `) and lists (`- `, `1. `). In a
// line, `code`, **bold** and *italic* (or _italic_) are formatted, and addresses become links.
// Everything else is text: there is no HTML, and no image, heading or link whose text could hide
// its address. No function goes back in the text, so the time grows with its length only.

import { make } from './dom.js';
import { CANDIDATE, linkNode, linkOf } from './linkify.js';

/** Returns the text of a message as nodes. `copy` is called with the code to copy. */
export function formatted(text, copy) {
  const blocks = blocksOf(text).filter(({ lines, type }) => type === 'code' || lines.some(Boolean));
  // A message of one paragraph needs no further element.
  if (blocks.length === 1 && blocks[0].type === 'paragraph') return inline(text);
  return blocks.map((block) => NODES[block.type](block, copy));
}

/** Returns one line as nodes, without blocks. */
export const formattedLine = (text) => inline(text);

const NODES = {
  paragraph: ({ lines }) => make('p', {}, ...inline(trimmedLines(lines))),
  quote: ({ lines }) => make('blockquote', {}, ...inline(lines.join('\n'))),
  bullets: ({ lines }) => make('ul', {}, ...lines.map((line) => make('li', {}, ...inline(line)))),
  numbers: ({ lines, start }) =>
    make('ol', { start }, ...lines.map((line) => make('li', {}, ...inline(line)))),
  code({ lines }, copy) {
    const code = lines.join('\n');
    return make(
      'div',
      { class: 'code' },
      // The block scrolls, so that it has to be reached with the keyboard.
      make('pre', { tabindex: '0' }, make('code', { dir: 'ltr', text: code })),
      make('button', {
        class: 'copy icon',
        type: 'button',
        'aria-label': 'Copy the code',
        title: 'Copy the code',
        onclick: () => copy(code),
      }),
    );
  },
};

/** Joins lines without the empty ones at both ends, which separate blocks. */
const trimmedLines = (lines) => lines.join('\n').replace(/^\n+/u, '').replace(/(?<!\n)\n+$/u, '');

const FENCE = /^ {0,3}```[^`]*$/u;
const FENCE_END = /^ {0,3}```\s*$/u;
const STARTS = [
  ['quote', /^> ?/u],
  ['bullets', /^[-*] +(?=\S)/u],
  ['numbers', /^(\d{1,4})[.)] +(?=\S)/u],
];

/** Splits a text into blocks of lines. */
function blocksOf(text) {
  const lines = text.split('\n');
  const lastFence = lines.findLastIndex((line) => FENCE_END.test(line));
  const blocks = [];
  for (let at = 0; at < lines.length; at++) {
    // A block of code without an end is no block.
    if (at < lastFence && FENCE.test(lines[at])) {
      const end = lines.findIndex((line, index) => index > at && FENCE_END.test(line));
      blocks.push({ type: 'code', lines: lines.slice(at + 1, end) });
      at = end;
      continue;
    }
    const [type, start] = STARTS.find(([, begin]) => begin.test(lines[at])) ?? ['paragraph'];
    const line = start ? lines[at].replace(start, '') : lines[at];
    const before = blocks.at(-1);
    if (before?.type === type) before.lines.push(line);
    else blocks.push({ type, lines: [line], start: start?.exec(lines[at])[1] });
  }
  return blocks;
}

/** The elements for delimiters, from the outermost to the innermost. */
const ELEMENTS = { '*': ['em'], _: ['em'], '**': ['strong'], '***': ['strong', 'em'] };
const TOKEN = new RegExp('`+|\\*+|_+|' + CANDIDATE.source, 'giu');
const LETTER = /[\p{L}\p{N}_]/u;
const SPACE = /\s/u;

/** Returns a text within a line or block as nodes. */
function inline(text) {
  const output = new Output();
  const codeEnds = endsOfCode(text);
  let end = 0;
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) {
    const { index } = match;
    const token = match[0];
    output.text(text.slice(end, index));
    end = index + token.length;
    if (token.startsWith('`')) {
      const close = codeEnds.get(index);
      if (close === undefined) {
        output.text(token);
        continue;
      }
      output.node(make('code', { dir: 'ltr', text: codeText(text.slice(end, close)) }));
      end = close + token.length;
    } else if (ELEMENTS[token]) {
      output.delimiter(token, text.slice(Math.max(0, index - 2), index), text.slice(end, end + 2));
    } else if (token.startsWith('*') || token.startsWith('_')) {
      output.text(token);
    } else {
      const link = linkOf(output.withoutDelimiters(token));
      if (link) output.node(linkNode(link));
      else output.text(token);
      if (link) end = index + link.text.length;
    }
    TOKEN.lastIndex = end;
  }
  output.text(text.slice(end));
  return output.finish();
}

/** Code that begins or ends with a backtick is written with a space at both ends. */
const codeText = (text) => (/^ .*\S.* $/su.test(text) ? text.slice(1, -1) : text);

/** Returns where the code ends that begins at each run of backticks: at the next of this length. */
function endsOfCode(text) {
  const ends = new Map();
  const next = new Map();
  for (const { 0: run, index } of [...text.matchAll(/`+/gu)].reverse()) {
    if (next.has(run.length)) ends.set(index, next.get(run.length));
    next.set(run.length, index);
  }
  return ends;
}

/** Collects nodes. A delimiter that is not closed becomes text again. */
class Output {
  /** The open delimiters from the outermost to the innermost, after the text itself. */
  #open = [{ delimiter: '', nodes: [] }];

  text(text) {
    if (text === '') return;
    const { nodes } = this.#open.at(-1);
    if (typeof nodes.at(-1) === 'string') nodes[nodes.length - 1] += text;
    else nodes.push(text);
  }

  node(node) {
    this.#open.at(-1).nodes.push(node);
  }

  /** Opens or closes a delimiter between two characters, or takes it as text. */
  delimiter(delimiter, before, after) {
    if (delimiter === '***' && this.#isOpen('*') && this.#isOpen('**')) {
      const isStar = ({ delimiter: open }) => open === '*' || open === '**';
      const inner = this.#open.findLast(isStar).delimiter;
      this.delimiter(inner, before, after);
      return this.delimiter(inner === '*' ? '**' : '*', before, after);
    }
    const at = this.#open.findIndex((open) => open.delimiter === delimiter);
    const hasSpaceBefore = before === '' || SPACE.test(before.at(-1));
    // A backslash is shown, but what follows it formats nothing.
    const isAfterLetter = LETTER.test([...before].at(-1) ?? '') || before.endsWith('\\');
    const isBeforeLetter = LETTER.test([...after][0] ?? '');
    if (at > 0 && !hasSpaceBefore && !isBeforeLetter) {
      while (this.#open.length > at + 1) this.#dissolve();
      const { nodes } = this.#open.pop();
      const [outer, inner] = ELEMENTS[delimiter];
      this.node(inner ? make(outer, {}, make(inner, {}, ...nodes)) : make(outer, {}, ...nodes));
    } else if (at < 0 && !isAfterLetter && after !== '' && !SPACE.test(after[0])) {
      this.#open.push({ delimiter, nodes: [] });
    } else {
      this.text(delimiter);
    }
  }

  #isOpen(delimiter) {
    return this.#open.some((open) => open.delimiter === delimiter);
  }

  /** Removes the delimiters from the end of an address that would close what is open. */
  withoutDelimiters(address) {
    let rest = address;
    for (const { delimiter } of this.#open.toReversed()) {
      if (delimiter !== '' && rest.endsWith(delimiter)) rest = rest.slice(0, -delimiter.length);
    }
    return rest;
  }

  /** Takes the innermost open delimiter as text. */
  #dissolve() {
    const { delimiter, nodes } = this.#open.pop();
    this.text(delimiter);
    for (const node of nodes) {
      if (typeof node === 'string') this.text(node);
      else this.node(node);
    }
  }

  finish() {
    while (this.#open.length > 1) this.#dissolve();
    return this.#open[0].nodes;
  }
}
