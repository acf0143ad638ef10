// Shows the notices above the messages of the active conversation.

import { run } from './commands.js';
import { byId, lazily, make, phraseNodes } from './dom.js';
import { KeyedList } from './keyed-list.js';
import { dismiss } from './notices.js';
import { store } from './store.js';

const list = new KeyedList(byId('notices'), {
  create({ key, text, action, channel }) {
    // The notice stays if the command fails, for instance because a key is missing.
    const act = async () => {
      if (await run(action.command)) dismiss(key);
    };
    return make(
      'li',
      { 'data-invitation': channel },
      make('span', {}, ...phraseNodes(text)),
      action && make('button', { class: 'act', type: 'button', onclick: act }, ...phraseNodes(action.label)),
      make('button', { class: 'dismiss quiet', type: 'button', text: 'Dismiss', onclick: () => dismiss(key) }),
    );
  },
});

export function startNotices() {
  store.on(
    'notices',
    lazily(() => list.show([...store.notices.values()])),
  );
}
