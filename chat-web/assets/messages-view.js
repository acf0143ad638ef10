// The log of the active conversation.

import { run } from './commands.js';
import { byId, lazily, relabel, setText } from './dom.js';
import { KeyedList } from './keyed-list.js';
import { store } from './store.js';
import { fetchOlder, hasOlder } from './sync.js';
import { markerKey, outgoingRows, timelineRows, visibleEntries } from './rows.js';
import { counted } from './words.js';

const scroller = byId('scroller');
const log = byId('messages');
const older = byId('older');
const jump = byId('jump');

/** The distances in pixels that count as the end, and at which older messages are loaded. */
const NEAR_END = 48;
const NEAR_BEGINNING = 240;
/**
 * While the end is in sight, this many entries are drawn, or as many as fill two screens. Up to
 * `EXCESS` more may accumulate before the oldest are removed at once, because the browser's work
 * for a new row grows with the number of rows. Scrolling back draws this many more.
 */
const WINDOW = 100;
const EXCESS = 50;
/** The most entries that are drawn, however far the user scrolls back. */
const MOST_DRAWN = 600;
/** The height of the lowest row, in pixels. */
const LOWEST_ROW = 24;
const windowSize = () => Math.max(WINDOW, Math.ceil((2 * scroller.clientHeight) / LOWEST_ROW));
/** The number of entries that are drawn above the one to scroll to. */
const CONTEXT = 50;
/** The target for the first unread message: a little below the top. */
const MARKER = { key: 'marker', top: 16 };

/** Each row has its own functions to create and update its element. */
const drawing = {
  create: (row) => row.create(runAction),
  update: (node, row) => row.update?.(node),
};
const rows = new KeyedList(log, drawing);
const outgoing = new KeyedList(byId('outgoing'), drawing);

let shown = null;
/** Whether the view follows the end when rows are added. */
let following = true;
/** The scroll position of the end, as of the last time that the view moved there. */
let endTop = 0;
/** The row to scroll to once it exists: its key and its distance from the top; null: none. */
let target = null;
/** The key of the first entry that is drawn; null: all entries are drawn. */
let first = null;
/** The key of the last entry that is drawn; null: all entries up to the end are drawn. */
let last = null;

const draw = lazily(drawNow);

function drawNow() {
  if (store.active !== shown) begin();
  // The user has scrolled up, but the browser has not fired the event yet.
  else if (following && scroller.scrollTop < endTop) updatePlace();
  if (!shown) return;
  const place = following ? null : remembered();
  rows.show(timelineRows(drawnEntries(place?.row.dataset.key), markerKey(shown)));
  outgoing.show(outgoingRows(shown));
  drawBeginning();
  if (target) scrollToTarget();
  else if (following) toEnd();
  else restore(place);
  drawJump();
  // A log that does not fill the screen cannot be scrolled, so that older messages are loaded here.
  if (hasOlder(shown) && scroller.scrollHeight <= scroller.clientHeight) fetchOlder(shown);
}

/** Shows another conversation. A screen reader does not announce its existing messages. */
function begin() {
  shown = store.active;
  log.setAttribute('aria-live', 'off');
  setTimeout(() => log.setAttribute('aria-live', 'polite'), 500);
  rows.clear();
  outgoing.clear();
  following = true;
  scroller.hidden = !shown;
  target = shown?.place ?? (shown && shown.marker !== null ? MARKER : null);
  first = shown ? (visibleEntries(shown).at(-windowSize())?.key ?? null) : null;
  last = null;
}

/** Returns the entries to draw. `visible` is the key of the first row in sight. */
function drawnEntries(visible) {
  const entries = visibleEntries(shown);
  const placeOfKey = (wanted) => entries.findIndex(({ key }) => key === wanted);
  let start = first === null ? 0 : Math.max(0, placeOfKey(first));
  let end = (last !== null && placeOfKey(last) + 1) || entries.length;
  if (target) {
    const place = placeOfKey(target === MARKER ? markerKey(shown) : target.key);
    if (place >= 0) start = Math.min(start, Math.max(0, place - CONTEXT));
  } else if (!following && end - start > MOST_DRAWN) {
    // The rows that are farther away from the user are removed.
    const place = placeOfKey(visible);
    if (place < 0 || place - start < end - place) end = start + MOST_DRAWN;
    else start = end - MOST_DRAWN;
  } else if (following && entries.length - start > windowSize() + EXCESS) {
    start = entries.length - windowSize();
  }
  first = start > 0 ? entries[start].key : null;
  last = end < entries.length ? entries[end - 1].key : null;
  return entries.slice(start, end);
}

/** Draws older entries, or fetches more if all are drawn. */
function showOlder() {
  if (first === null) {
    fetchOlder(shown);
    return;
  }
  const entries = visibleEntries(shown);
  const start = entries.findIndex(({ key }) => key === first) - windowSize();
  first = start > 0 ? entries[start].key : null;
  draw();
}

/** Draws newer entries, after older ones took their place. */
function showNewer() {
  const entries = visibleEntries(shown);
  const end = entries.findIndex(({ key }) => key === last) + 1 + windowSize();
  last = end < entries.length ? entries[end - 1].key : null;
  draw();
}

function runAction(command) {
  run(command);
}

function drawBeginning() {
  const { timeline, loadingOlder, isChannel } = shown;
  const canLoad = first !== null || hasOlder(shown);
  older.hidden = !canLoad;
  older.disabled = loadingOlder;
  relabel(older, loadingOlder ? 'Loading…' : 'Show older messages');
  let text = '';
  // Until the roster has arrived, nothing is known about the channel.
  if (!canLoad && !shown.fetching && (shown.count > 0 || !isChannel)) {
    const { title } = shown;
    if (isChannel) text = `This is the beginning of ${title}, as far as the server remembers.`;
    else if (store.hasAccount) text = `This is the beginning of what you and ${shown.name} said.`;
    else if (timeline.shortened) text = 'Older messages are not kept on this page.';
    else text = `Only you and ${shown.name} see this. It is gone when you close the page or leave the chat.`;
  }
  setText(byId('beginning-text'), text);
}

/** Returns the first visible row and its position, to keep it in place while rows are added. */
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
  // The name of a day is skipped: it moves when older messages of that day are added.
  while (children[low]?.dataset.day) low++;
  const row = children[low];
  return row ? { row, top: row.getBoundingClientRect().top } : null;
}

function restore(place) {
  if (!place?.row.isConnected) return;
  scroller.scrollTop += place.row.getBoundingClientRect().top - place.top;
}

function toEnd() {
  scroller.scrollTop = scroller.scrollHeight;
  endTop = scroller.scrollTop;
}

/** Scrolls to the target if it is drawn, or fetches older messages until it is. */
function scrollToTarget() {
  const row = rows.get(target.key);
  if (row) {
    scroller.scrollTop += row.getBoundingClientRect().top - scroller.getBoundingClientRect().top - target.top;
    if (target.found) mark(row);
  } else if (shown.joined && (shown.isChannel || store.hasAccount)) {
    if (!shown.visited || shown.fetching || shown.loadingOlder) return;
    if (shown.isChannel && !shown.ready) return;
    const isOlder = target !== MARKER || shown.timeline.first()?.id > shown.marker;
    if (isOlder && hasOlder(shown) && !shown.timeline.isFull) return void fetchOlder(shown);
    toEnd();
  } else {
    toEnd();
  }
  target = null;
  updatePlace();
}

/** Marks a message that was found, for a moment. A screen reader reads it. */
function mark(row) {
  row.tabIndex = -1;
  row.focus({ preventScroll: true });
  row.classList.add('found');
  setTimeout(() => row.classList.remove('found'), 3_000);
}

/** Returns the position of the user in the conversation: the first visible message. */
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

/** Notes where the user has scrolled to, and loads older messages near the beginning. */
function updatePlace() {
  if (target) return;
  const below = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
  following = last === null && below < NEAR_END;
  store.setAtEnd(following);
  if (!shown) return;
  shown.timeline.reading = !following;
  shown.place = following ? null : placeOf();
  store.remember();
  drawJump();
  if (scroller.scrollTop < NEAR_BEGINNING && !following) showOlder();
  else if (last !== null && below < NEAR_BEGINNING) showNewer();
}

/** Goes to the latest message, and follows from there. */
export function follow() {
  target = null;
  following = true;
  if (last !== null) {
    first = last = null;
    drawNow();
  }
  toEnd();
  updatePlace();
}

/** Shows a conversation, scrolls to a message that the page has, and moves the focus to it. */
export function reveal(conversation, key) {
  conversation.place = { key, top: scroller.clientHeight / 3, found: true };
  if (conversation !== store.active) return store.activate(conversation);
  following = false;
  target = conversation.place;
  draw();
}

export function scrollPage(direction) {
  scroller.scrollBy({ top: direction * scroller.clientHeight * 0.85 });
}

export function startMessages() {
  for (const kind of ['timeline', 'outgoing']) {
    store.on(kind, (conversation) => conversation === store.active && draw());
  }
  store.on('active moves me', draw);
  scroller.addEventListener('scroll', updatePlace, { passive: true });
  // The keyboard of a phone, or a long text in the field, reduces the height of the log.
  new ResizeObserver(() => following && toEnd()).observe(scroller);
  older.addEventListener('click', () => shown && showOlder());
  jump.addEventListener('click', () => {
    follow();
    byId('composer').focus();
  });
}
