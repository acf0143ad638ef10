// The entry point of the chat page: starts all modules.

import { startAccountOffer } from './account-offer.js';
import { startAddress } from './address.js';
import { startAlerts } from './alerts.js';
import { startChannelsDialog } from './channels-dialog.js';
import { startComposer } from './composer.js';
import { startConfirm } from './confirm.js';
import { startDialogs } from './dialogs.js';
import { startDrawers } from './drawers.js';
import { startHead } from './head-view.js';
import { startLists } from './lists-view.js';
import { startLogout } from './logout.js';
import { startMarks } from './marks.js';
import { startMe } from './me-dialog.js';
import { startMessageMenu } from './message-menu.js';
import { startReactions } from './reactions.js';
import { startReplies } from './reply.js';
import { startMessages } from './messages-view.js';
import { askForName, comeIn, startNameForm } from './name-form.js';
import { startNotices } from './notices-view.js';
import { startOutbox } from './outbox.js';
import { startPersonMenu } from './person-menu.js';
import { startSearchOffer } from './search-offer.js';
import { stopReturning } from './session.js';
import { store } from './store.js';
import { startSwitcher } from './switcher-offer.js';
import { startSync } from './sync.js';
import { startTyping } from './typing.js';
import { startVisit } from './visit.js';
import { sentence } from './words.js';

startSync();
startDialogs();
startDrawers();
startNameForm();
startLists();
startMessages();
startMessageMenu();
startReactions();
startReplies();
startPersonMenu();
startNotices();
startComposer();
startConfirm();
startOutbox();
startMarks();
startTyping();
startVisit();
startChannelsDialog();
startSearchOffer();
startSwitcher();
startMe();
startLogout();
startAccountOffer();
startAlerts();
startAddress();
startHead({
  chooseName() {
    stopReturning();
    askForName();
  },
});

// The server has refused the user's name after a reconnect, or the user has left.
store.on('refused', (message) => askForName(sentence(message)));
store.on('me', (me) => me === null && askForName());

// If no conversation is shown, the first one is: a channel, if the rosters of channels will come.
store.on('list', () => {
  const first = store.listed()[0];
  if (!store.active && first && (first.isChannel || !store.expectsChannels)) store.activate(first);
});

document.addEventListener('visibilitychange', () => store.seen());

addEventListener('keydown', (event) => {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!step || !event.altKey || event.ctrlKey || event.metaKey) return;
  const listed = store.listed();
  if (listed.length === 0 || document.querySelector('dialog[open]')) return;
  event.preventDefault();
  const at = listed.indexOf(store.active) + step;
  store.activate(listed.at(at % listed.length));
});

comeIn();
