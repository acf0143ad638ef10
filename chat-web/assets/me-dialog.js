// The user's own dialog: name, status, away message, leaving.

import { quitForGood, rename, setAway, setStatus } from './actions.js';
import { attempt, openDialog } from './dialogs.js';
import { byId, lazily, setText } from './dom.js';
import { closeDrawer } from './drawers.js';
import { hue, initial } from './names.js';
import { store } from './store.js';
import { isolated } from './words.js';

const dialog = byId('me-dialog');
const nameField = byId('rename-input');
const statusField = byId('status-input');
const awayField = byId('away-input');

const draw = lazily(() => {
  const { me, away, status, account } = store;
  if (me === null) return;
  const avatar = byId('me-avatar');
  avatar.className = `avatar ${hue(me)}`;
  avatar.textContent = initial(me);
  byId('me-name').textContent = me;
  setText(byId('me-away'), away === null ? (status ?? '') : `Away: ${away}`);
  setText(byId('me-account'), account === null ? '' : `Account ${isolated(account)}`);
  byId('away-back').hidden = away === null;
});

function open() {
  closeDrawer();
  nameField.value = store.me;
  statusField.value = store.status ?? '';
  awayField.value = store.away ?? '';
  openDialog('me-dialog');
  nameField.select();
}

export function startMe() {
  store.on('me account', draw);
  byId('me-button').addEventListener('click', open);
  byId('rename-form').addEventListener('submit', async (event) => {
    event.preventDefault();
    if (await attempt('rename-error', () => rename(nameField.value))) dialog.close();
    else nameField.focus();
  });
  byId('status-form').addEventListener('submit', async (event) => {
    event.preventDefault();
    const status = statusField.value.trim() || null;
    if (await attempt('status-error', () => setStatus(status))) dialog.close();
  });
  byId('away-form').addEventListener('submit', async (event) => {
    event.preventDefault();
    const message = awayField.value.trim() || 'away';
    if (await attempt('away-error', () => setAway(message))) dialog.close();
  });
  byId('away-back').addEventListener('click', async () => {
    if (await attempt('away-error', () => setAway(undefined))) dialog.close();
  });
  byId('quit').addEventListener('click', () => {
    dialog.close();
    // It rejects only if the user cancels, which needs no message.
    quitForGood().catch(() => {});
  });
  const moves = byId('show-moves');
  moves.checked = store.movesShown;
  moves.addEventListener('change', () => store.showMoves(moves.checked));
}
