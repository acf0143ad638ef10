// Replies: the bar above the field that shows the message to which the next one replies, and the
// way from a reply to that message.

import { request } from './client.js';
import { byId, lazily, make } from './dom.js';
import { reveal } from './messages-view.js';
import { perform } from './perform.js';
import { SERVER } from './quote.js';
import { store } from './store.js';
import { keyOf } from './timeline.js';
import { shortened } from './words.js';

const log = byId('messages');

/** The bar; null: no reply has been begun yet. */
let bar = null;

/** Returns true if the server keeps a message, so that replies and reactions can refer to it. */
export function isKept(entry, { isChannel, joined }) {
  const isStored = isChannel || store.hasAccount || entry.account !== undefined;
  return joined && isStored && entry.epoch === store.epoch && !entry.deleted && !entry.role;
}

/** Makes the next message of a conversation a reply to one. */
export function startReply(conversation, { id, at, nickname, system, text }) {
  const to = { id, at, nickname: system ? undefined : nickname };
  set(conversation, { to, text: shortened(text) });
  byId('composer').focus();
}

/** Takes a reply up again that could not be sent. */
export function resumeReply(reply) {
  if (reply) set(store.active, reply);
}

/** Makes the next message no reply. Returns false if it is none. */
export function cancelReply() {
  if (!store.active?.reply) return false;
  set(store.active, null);
  return true;
}

function set(conversation, reply) {
  conversation.reply = reply;
  store.changed('reply', conversation);
  store.remember();
}

const draw = lazily(() => {
  const reply = store.active?.joined ? store.active.reply : null;
  if (!reply && !bar) return;
  bar ??= build();
  bar.hidden = !reply;
  if (!reply) return;
  const name = make('bdi', { text: reply.to.nickname ?? SERVER });
  const words = make('span', { dir: 'auto', text: reply.text });
  byId('reply-words').replaceChildren('Replying to ', name, ': ', words);
});

function build() {
  const onclick = () => {
    cancelReply();
    byId('composer').focus();
  };
  const label = 'Cancel the reply';
  const names = { 'aria-label': label, title: label };
  const cancel = { id: 'reply-cancel', class: 'icon', type: 'button', ...names };
  const built = make(
    'div',
    { id: 'reply-bar' },
    make('p', { id: 'reply-words', role: 'status' }),
    make('button', { ...cancel, text: '✕', onclick }),
  );
  byId('composer-form').before(built);
  return built;
}

/** Goes to a message of a conversation, which the page may not have. */
export async function goToMessage(conversation, to) {
  if (!conversation.timeline.get(keyOf(to))) {
    const { isChannel, name } = conversation;
    const where = isChannel ? { channel: name } : { to: name };
    const { messages } = await request({ type: 'history', ...where, around: to.id, limit: 2 });
    if (!messages.some((one) => keyOf(one) === keyOf(to))) {
      throw new Error('that message cannot be read any more');
    }
  }
  reveal(conversation, keyOf(to));
}

export function startReplies() {
  store.on('active reply list', draw);
  log.addEventListener('click', ({ target }) => {
    const row = target.closest('.quote')?.closest('[data-key]');
    const entry = row && store.active?.timeline.get(row.dataset.key);
    if (entry?.reply_to) perform(goToMessage(store.active, entry.reply_to));
  });
}
