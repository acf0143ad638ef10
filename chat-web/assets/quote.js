// The line above a reply that quotes the message to which it replies.

import { make } from './dom.js';
import { store } from './store.js';
import { keyOf } from './timeline.js';
import { isolated, shortened } from './words.js';

/** The name of the server as the sender of a message. */
export const SERVER = 'server';

/** Returns the line of a reply as an element, with what is known of the other message now. */
export function quoteOf(node, { reply_to: to, deleted }) {
  if (!to || deleted) return null;
  const quote = node.querySelector('.quote') ?? make('button', { class: 'quote', type: 'button' });
  const parent = store.active?.timeline.get(keyOf(to));
  const words = parent?.deleted ? 'a deleted message' : shortened(parent?.text ?? '');
  if (quote.words === words) return quote;
  quote.words = words;
  const name = to.nickname ?? SERVER;
  quote.setAttribute('aria-label', `In reply to ${isolated(name)}: ${isolated(words)}`);
  quote.replaceChildren('↪ ', make('bdi', { text: name }), ' ', make('bdi', { text: words }));
  return quote;
}
