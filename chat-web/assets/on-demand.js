// Dialogs whose scripts are loaded when they are needed, so that the page itself is small.

import { askForName, isInside } from './name-form.js';
import { tell } from './notices.js';
import { store } from './store.js';

/**
 * Returns a function that opens a dialog. `load` loads the script of the dialog once, and returns
 * the function that opens it.
 */
export function onDemand(load) {
  let loading = null;
  return async (wish) => {
    loading ??= load();
    let open;
    try {
      open = await loading;
    } catch {
      // The next call tries again.
      loading = null;
      const problem = 'The dialog could not be loaded. Is the server reachable?';
      if (isInside()) tell(store.active, problem);
      else askForName(problem);
      return;
    }
    open(wish);
  };
}
