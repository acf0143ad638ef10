// The button that opens the dialog to search messages.

import { byId } from './dom.js';
import { onDemand } from './on-demand.js';
import { store } from './store.js';

const open = onDemand(async () => {
  const { openSearch, startSearch } = await import('./search-dialog.js');
  startSearch();
  return openSearch;
});

export function startSearchOffer() {
  byId('search').addEventListener('click', () => open());
  store.on('search', open);
}
