// The address of the page names the conversation, and perhaps a message: `#/rust`, `#/@bob` and
// `#/rust/812`. So a link leads to it, and the browser's Back returns to the one before.

import { join, talkTo } from './actions.js';
import { request } from './client.js';
import { reveal } from './messages-view.js';
import { isInside } from './name-form.js';
import { perform } from './perform.js';
import { store } from './store.js';
import { keyOf } from './timeline.js';

/** The place that a link names, until the user has entered the chat; null: none. */
let wish = null;
/** Whether the address already names the conversation that becomes active. */
let isThere = false;

const segment = ({ isChannel, name }) => encodeURIComponent(isChannel ? name : `@${name}`);

/** Returns the address of a message in a conversation. */
export function linkTo(conversation, id) {
  const link = new URL(location.href);
  link.hash = `/${segment(conversation)}/${id}`;
  return link.href;
}

/** Reads the place that an address names; null: none. */
function placeOf(hash) {
  const [, name, id] = /^#\/([^/]+)(?:\/(\d{1,15}))?$/u.exec(hash) ?? [];
  if (name === undefined) return null;
  try {
    return { name: decodeURIComponent(name), id: id === undefined ? null : Number(id) };
  } catch {
    return null;
  }
}

/** Shows a place, and joins its channel if the user is not in it. */
async function go({ name, id }) {
  isThere = true;
  try {
    if (name.startsWith('@')) talkTo(name.slice(1));
    else if (store.channel(name)?.joined) store.activate(store.channel(name));
    else await join(name);
  } finally {
    isThere = false;
  }
  if (id !== null) await goTo(store.active, id);
}

async function goTo(conversation, id) {
  const where = conversation.isChannel ? { channel: conversation.name } : { to: conversation.name };
  const { messages } = await request({ type: 'history', ...where, around: id, limit: 2 });
  const message = messages.find((one) => one.id === id);
  if (!message) throw new Error(`the message of the link is not in ${conversation.title}`);
  reveal(conversation, keyOf(message));
}

/** Writes the active conversation into the address. */
function write(conversation) {
  if (!conversation || wish !== null) return;
  const hash = `#/${segment(conversation)}`;
  const isFirst = placeOf(location.hash) === null;
  if (location.hash === hash || location.hash.startsWith(`${hash}/`)) return;
  if (isFirst || isThere) history.replaceState(null, '', hash);
  else history.pushState(null, '', hash);
}

/** Shows the place that the link of this page names, once the user has entered the chat. */
function fulfil() {
  if (wish === null || !isInside() || store.connection.state !== 'online') return;
  // The rosters of the user's channels are about to come.
  if (store.expectsChannels && store.channels().every(({ joined }) => !joined)) return;
  const place = wish;
  wish = null;
  perform(go(place).finally(() => write(store.active)));
}

export function startAddress() {
  wish = placeOf(location.hash);
  store.on('active', write);
  store.on('list connection inside', fulfil);
  store.on('me', (me) => me === null && (wish = null));
  addEventListener('popstate', () => {
    const place = placeOf(location.hash);
    if (place && isInside()) perform(go(place));
  });
}
