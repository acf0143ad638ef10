// The dialog to give one's own message another text.

import { editMessage } from './amend.js';
import { attempt, dialogHead, openDialog, startDialog } from './dialogs.js';
import { byId, make } from './dom.js';

/** The conversation and the message that is edited. */
let edited = null;

export function openEdit(wish) {
  edited = wish;
  openDialog('edit-dialog');
  const field = byId('edit-text');
  field.value = wish.entry.text;
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
}

async function save(event) {
  event.preventDefault();
  const { conversation, entry } = edited;
  const text = byId('edit-text').value;
  const isSame = text === entry.text;
  if (isSame || (await attempt('edit-error', () => editMessage(conversation, entry, text)))) {
    byId('edit-dialog').close();
  }
}

/** Enter saves, as it sends in the field for messages; Shift+Enter begins a line. */
function key(event) {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.repeat) return;
  event.preventDefault();
  byId('edit-form').requestSubmit();
}

/** Builds the dialog, the first time that it is opened. */
export function startEdit() {
  const close = () => byId('edit-dialog').close();
  const dialog = make(
    'dialog',
    { id: 'edit-dialog', 'aria-labelledby': 'edit-heading' },
    dialogHead('edit-heading', 'Edit the message'),
    make(
      'form',
      { id: 'edit-form', class: 'stacked', novalidate: true, onsubmit: save },
      make('textarea', {
        id: 'edit-text',
        rows: '4',
        dir: 'auto',
        autocomplete: 'off',
        'aria-label': 'Text',
        onkeydown: key,
      }),
      make('p', { id: 'edit-error', class: 'error', role: 'alert', hidden: true }),
    ),
    make(
      'div',
      { class: 'dialog-foot choices' },
      make('button', { id: 'edit-cancel', type: 'button', text: 'Cancel', onclick: close }),
      make('button', { class: 'primary', type: 'submit', form: 'edit-form', text: 'Save' }),
    ),
  );
  document.body.append(dialog);
  startDialog(dialog);
}
