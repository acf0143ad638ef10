// The log of the conversation that the user looks at.

import { run } from './commands.js';
import { byId, lazily, relabel, setText } from './dom.js';
import { KeyedList } from './keyed-list.js';
import { store } from './store.js';
import { fetchOlder } from './sync.js';
import { outgoingRows, timelineRows, visibleEntries } from './rows.js';
import { counted } from './words.js';

const scroller = byId('scroller');
const log = byId('messages');
const older = byId('older');
const jump = byId('jump');

/** How far from the end still counts as there, and how near the beginning asks for more. */
const NEAR_END = 48;
const NEAR_BEGINNING = 240;
/**
 * While the end is in sight, so many entries are drawn, or as many as fill two screens, and some more until the oldest are
 * removed at once: the browser's work for a new row grows with the number of rows. For each look further back, so many more
 * are drawn.
 */
const WINDOW = 100;
const EXCESS = 50;
/** The height of the lowest row, in pixels. */
const LOWEST_ROW = 24;
const windowSize = () => Math.max(WINDOW, Math.ceil((2 * scroller.clientHeight) / LOWEST_ROW));
/** So many entries are drawn above one that is sought. */
const CONTEXT = 50;
/** The first unread message is shown a little below the top. */
const MARKER = { key: 'marker', top: 16 };

/** A row knows how it is drawn. */
const drawing = {
  create: (row) => row.create(runAction),
  update: (node, row) => row.update?.(node),
};
const rows = new KeyedList(log, drawing);
const outgoing = new KeyedList(byId('outgoing'), drawing);

let shown = null;
/** Whether the end is in sight, and stays there when something is added. */
let following = true;
/** Where to scroll to once it stands on the page: a row's key, and how far below the top; null: nowhere. */
let sought = null;
/** The key of the first entry that is drawn; null: all are, from the beginning. */
let first = null;

const draw = lazily(() => {
  if (store.active !== shown) begin();
  if (!shown) return;
  const place = following ? null : remembered();
  rows.show(timelineRows(drawnEntries(), shown.marker));
  outgoing.show(outgoingRows(shown));
  drawBeginning();
  if (sought) seek();
  else if (following) toEnd();
  else restore(place);
  drawJump();
  // A page that is not full cannot be scrolled, and would never ask for more.
  if (shown.more && scroller.scrollHeight <= scroller.clientHeight) fetchOlder(shown);
});

/** Another conversation: all of it is new to the page, but a screen reader need not read it out. */
function begin() {
  shown = store.active;
  log.setAttribute('aria-live', 'off');
  setTimeout(() => log.setAttribute('aria-live', 'polite'), 500);
  rows.clear();
  outgoing.clear();
  following = true;
  scroller.hidden = !shown;
  sought = shown?.place ?? (shown?.marker ? MARKER : null);
  first = shown ? (visibleEntries(shown).at(-windowSize())?.key ?? null) : null;
}

function drawnEntries() {
  const entries = visibleEntries(shown);
  const placeOfKey = (wanted) => entries.findIndex(({ key }) => key === wanted);
  let start = first === null ? 0 : Math.max(0, placeOfKey(first));
  if (sought) {
    const place = placeOfKey(sought === MARKER ? shown.marker : sought.key);
    if (place >= 0) start = Math.min(start, Math.max(0, place - CONTEXT));
  } else if (following && entries.length - start > windowSize() + EXCESS) {
    start = entries.length - windowSize();
  }
  first = start > 0 ? entries[start].key : null;
  return entries.slice(start);
}

/** Draws older entries; when all are drawn, fetches more. */
function lookBack() {
  if (first === null) {
    fetchOlder(shown);
    return;
  }
  const entries = visibleEntries(shown);
  const start = entries.findIndex(({ key }) => key === first) - windowSize();
  first = start > 0 ? entries[start].key : null;
  draw();
}

function runAction(command) {
  run(command);
}

function drawBeginning() {
  const { timeline, more, loadingOlder, isChannel, joined } = shown;
  const canLoad = first !== null || (more && joined && !timeline.isFull);
  older.hidden = !canLoad;
  older.disabled = loadingOlder;
  relabel(older, loadingOlder ? 'Loading…' : 'Show older messages');
  let text = '';
  // As long as there is no roster, nothing is known yet.
  if (!canLoad && !shown.fetching && (shown.count > 0 || !isChannel)) {
    if (timeline.isFull) text = 'Older messages are not kept on this page.';
    else if (isChannel) text = `This is the beginning of ${shown.title}, as far as the server remembers.`;
    else text = `Only you and ${shown.name} see this. It is gone when you close the page or leave the chat.`;
  }
  setText(byId('beginning-text'), text);
}

/** The first row in sight, and where it is: what must not move when something is put in above it. */
function remembered() {
  const { top } = scroller.getBoundingClientRect();
  const { children } = log;
  let low = 0;
  let high = children.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (children[middle].getBoundingClientRect().bottom > top) high = middle;
    else low = middle + 1;
  }
  // The name of a day always stands above the first message of it, wherever that is.
  while (children[low]?.dataset.day) low++;
  const row = children[low];
  return row ? { row, top: row.getBoundingClientRect().top } : null;
}

function restore(place) {
  if (!place?.row.isConnected) return;
  scroller.scrollTop += place.row.getBoundingClientRect().top - place.top;
}

const toEnd = () => (scroller.scrollTop = scroller.scrollHeight);

/** Scrolls to what is sought, if it is there, or can be fetched. */
function seek() {
  const row = rows.get(sought.key);
  if (row) {
    scroller.scrollTop += row.getBoundingClientRect().top - scroller.getBoundingClientRect().top - sought.top;
  } else if (shown.isChannel && shown.joined) {
    if (!shown.ready || shown.fetching || shown.loadingOlder) return;
    if (shown.more && !shown.timeline.isFull && sought !== MARKER) return void fetchOlder(shown);
    toEnd();
  } else {
    toEnd();
  }
  sought = null;
  look();
}

/** Where the user is in the conversation: the first message in sight. */
function placeOf() {
  let row = remembered()?.row;
  while (row && !row.dataset.messageId) row = row.nextElementSibling;
  const top = scroller.getBoundingClientRect().top;
  return row ? { key: row.dataset.key, top: row.getBoundingClientRect().top - top } : null;
}

function drawJump() {
  jump.hidden = following;
  const { unread, mentions, isChannel } = shown;
  const named = mentions > 0 && isChannel ? `, ${counted(mentions, 'mention')}` : '';
  const news = unread > 0 ? `${counted(unread, 'new message')}${named} ↓` : 'Latest messages ↓';
  relabel(jump, news);
  jump.classList.toggle('mention', named !== '');
}

function look() {
  if (sought) return;
  following = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_END;
  store.setAtEnd(following);
  if (!shown) return;
  shown.place = following ? null : placeOf();
  store.remember();
  drawJump();
  if (scroller.scrollTop < NEAR_BEGINNING && !following) lookBack();
}

/** Goes to the latest message, and follows from there. */
export function follow() {
  sought = null;
  following = true;
  toEnd();
  look();
}

export function scrollPage(direction) {
  scroller.scrollBy({ top: direction * scroller.clientHeight * 0.85 });
}

export function startMessages() {
  for (const kind of ['timeline', 'outgoing']) {
    store.on(kind, (conversation) => conversation === store.active && draw());
  }
  store.on('active moves me', draw);
  scroller.addEventListener('scroll', look, { passive: true });
  // The keyboard of a phone, or a longer message being written, takes height away.
  new ResizeObserver(() => following && toEnd()).observe(scroller);
  older.addEventListener('click', () => shown && lookBack());
  jump.addEventListener('click', () => {
    follow();
    byId('composer').focus();
  });
}
