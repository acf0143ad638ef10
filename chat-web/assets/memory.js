// What the browser remembers. Storage may be switched off or full; the page works without.

function read(storage, key) {
  try {
    return JSON.parse(window[storage].getItem(key));
  } catch {
    return null;
  }
}

function write(storage, key, value) {
  try {
    if (value === null || value === undefined) window[storage].removeItem(key);
    else window[storage].setItem(key, JSON.stringify(value));
  } catch {
    // Nothing depends on it.
  }
}

/** The name that was last chosen, for the form. */
export const nickname = {
  get: () => read('localStorage', 'chat.nickname') ?? '',
  set: (name) => write('localStorage', 'chat.nickname', name),
};

/**
 * The name under which a tab was last in the chat, and the key with which another tab can be the same user: a tab that was
 * closed and opened again need not wait until the server has noticed.
 */
export const reconnection = {
  get: () => read('localStorage', 'chat.reconnection'),
  set: (value) => write('localStorage', 'chat.reconnection', value),
};

/** Whether joins, leaves and renames are shown. */
export const movesShown = {
  get: () => read('localStorage', 'chat.moves') ?? true,
  set: (shown) => write('localStorage', 'chat.moves', shown),
};

/**
 * Who this tab is and where; see `visit.js`. It outlives a reload and nothing more, so that another tab does not come
 * along under the same name, and nobody who uses the browser later finds keys or private messages.
 */
export const visit = {
  get: () => read('sessionStorage', 'chat.visit'),
  set: (value) => write('sessionStorage', 'chat.visit', value),
};
