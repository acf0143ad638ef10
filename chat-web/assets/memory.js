// State in the browser's storage. Storage may be disabled or full; the page works without it.

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
    // The page works without storage.
  }
}

/** The name that was last chosen, to fill in the form. */
export const nickname = {
  get: () => read('localStorage', 'chat.nickname') ?? '',
  set: (name) => write('localStorage', 'chat.nickname', name),
};

/**
 * The last name in the chat and its reconnect key, with which another tab can be the same user. A
 * tab that was closed and opened again need not wait until the server has noticed the disconnect.
 */
export const reconnection = {
  get: () => read('localStorage', 'chat.reconnection'),
  set: (value) => write('localStorage', 'chat.reconnection', value),
};

/** The account in which this browser is logged in: `{ account, token }`. The token is a secret. */
export const login = {
  get: () => read('localStorage', 'chat.login'),
  set: (value) => write('localStorage', 'chat.login', value),
};

/** Whether joins, leaves and renames are shown. */
export const movesShown = {
  get: () => read('localStorage', 'chat.moves') ?? true,
  set: (shown) => write('localStorage', 'chat.moves', shown),
};

/** Whether the user wants notifications; null: the page has not asked yet. */
export const alerts = {
  get: () => read('localStorage', 'chat.alerts'),
  set: (wanted) => write('localStorage', 'chat.alerts', wanted),
};

/**
 * The user and the conversations of this tab; see `visit.js`. It survives a reload but not the tab,
 * so that another tab does not take the same name, and later users of the browser find neither keys
 * nor private messages.
 */
export const visit = {
  get: () => read('sessionStorage', 'chat.visit'),
  set: (value) => write('sessionStorage', 'chat.visit', value),
};
