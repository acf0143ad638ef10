// The dialog to react to a message.

import { emojiNamed } from './completion.js';
import { attempt, dialogHead, openDialog, startDialog } from './dialogs.js';
import { byId, make } from './dom.js';
import { toggleReaction } from './reactions.js';

/** The emoji that are offered. */
const COMMON = ['👍', '❤️', '😂', '🎉', '😮', '😢', '🙏', '👀', '✅', '🔥', '👏', '👎'];

/** The conversation and the message. */
let chosen = null;

export function openReact(wish) {
  chosen = wish;
  byId('react-text').value = '';
  openDialog('react-dialog');
  byId('react-emoji').firstElementChild.focus();
}

async function react(emoji) {
  const { conversation, entry } = chosen;
  if (await attempt('react-error', () => toggleReaction(conversation, entry, emoji))) {
    byId('react-dialog').close();
  }
}

async function submit(event) {
  event.preventDefault();
  const text = byId('react-text').value.trim();
  const [, name] = /^:(\w+):$/u.exec(text) ?? [];
  react((name && (await emojiNamed(name))) || text);
}

/** Builds the dialog, the first time that it is opened. */
export function startReact() {
  const button = (emoji) =>
    make('button', { type: 'button', text: emoji, onclick: () => react(emoji) });
  const dialog = make(
    'dialog',
    { id: 'react-dialog', 'aria-labelledby': 'react-heading' },
    dialogHead('react-heading', 'React to the message'),
    make('div', { id: 'react-emoji', role: 'group', 'aria-label': 'Emoji' }, ...COMMON.map(button)),
    make(
      'form',
      { id: 'react-form', class: 'stacked', novalidate: true, onsubmit: submit },
      make('label', { for: 'react-text', text: 'Another emoji' }),
      make('input', { id: 'react-text', dir: 'auto', autocomplete: 'off', placeholder: ':tada:' }),
      make('p', { id: 'react-error', class: 'error', role: 'alert', hidden: true }),
    ),
    make(
      'div',
      { class: 'dialog-foot choices' },
      make('button', { class: 'primary', type: 'submit', form: 'react-form', text: 'React' }),
    ),
  );
  document.body.append(dialog);
  startDialog(dialog);
}
