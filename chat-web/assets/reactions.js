// Reactions to messages: the buttons below a message, each with an emoji and the number of users.

import { request } from './client.js';
import { byId } from './dom.js';
import { amended } from './journal.js';
import { fold } from './names.js';
import { perform } from './perform.js';
import { isOwnReaction, usersOf } from './reaction-row.js';
import { store } from './store.js';

const log = byId('messages');

/** Notes a reaction of a user, or its removal. */
export function takeReaction(conversation, { id, nickname, emoji, removed }) {
  const held = conversation.held?.find(({ message }) => message?.id === id)?.message;
  const before = (conversation.timeline.find(id, store.epoch) ?? held)?.reactions;
  const others = usersOf(before, emoji).filter((user) => fold(user) !== fold(nickname));
  const users = removed ? others : [...others, nickname];
  const reactions = { ...before, [emoji]: users };
  if (users.length === 0) delete reactions[emoji];
  amended(conversation, id, { reactions });
}

/** Adds the user's reaction to a message, or removes it if it is there already. */
export async function toggleReaction(conversation, entry, emoji) {
  const remove = isOwnReaction(usersOf(entry.reactions, emoji));
  const channel = conversation.isChannel ? conversation.name : undefined;
  await request({ type: 'react', id: entry.id, channel, emoji, remove });
  takeReaction(conversation, { id: entry.id, nickname: store.me, emoji, removed: remove });
}

export function startReactions() {
  log.addEventListener('click', ({ target }) => {
    const chip = target.closest('[data-reaction]');
    const row = chip?.closest('[data-key]');
    const entry = row && store.active?.timeline.get(row.dataset.key);
    if (entry) perform(toggleReaction(store.active, entry, chip.dataset.reaction));
  });
}
