// The log of the conversation that the user looks at.

import { run } from './commands.js';
import { byId, lazily, setText } from './dom.js';
import { KeyedList } from './keyed-list.js';
import { store } from './store.js';
import { fetchOlder } from './sync.js';
import { outgoingRows, timelineRows } from './rows.js';
import { counted } from './words.js';

const scroller = byId('scroller');
const log = byId('messages');
const older = byId('older');
const jump = byId('jump');

/** How far from the end still counts as there, and how near the beginning asks for more. */
const NEAR_END = 48;
const NEAR_BEGINNING = 240;

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
/** Messages that came while it was not. */
let below = 0;
let lastKey = null;
/** Whether the first unread message is to be shown, once it stands on the page. */
let toMarker = false;

const draw = lazily(() => {
  if (store.active !== shown) begin();
  if (!shown) return;
  const place = following ? null : remembered();
  rows.show(timelineRows(shown));
  outgoing.show(outgoingRows(shown));
  drawBeginning();
  if (toMarker) showMarker();
  else if (following) toEnd();
  else restore(place);
  countBelow();
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
  below = 0;
  lastKey = shown?.timeline.last()?.key ?? null;
  scroller.hidden = !shown;
  toMarker = Boolean(shown?.marker);
}

function runAction(command) {
  run(command);
}

function drawBeginning() {
  const { timeline, more, loadingOlder, isChannel, joined } = shown;
  const canLoad = more && joined && !timeline.isFull;
  older.hidden = !canLoad;
  older.disabled = loadingOlder;
  older.textContent = loadingOlder ? 'Loading…' : 'Show older messages';
  let text = '';
  // As long as there is no roster, nothing is known yet.
  if (!canLoad && !shown.fetching && (shown.count > 0 || !isChannel)) {
    if (timeline.isFull) text = 'Older messages are not kept on this page.';
    else if (isChannel) text = `This is the beginning of ${shown.title}, as far as the server remembers.`;
    else text = `Only you and ${shown.name} see this. It is gone when you close the page.`;
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

function showMarker() {
  toMarker = false;
  const marker = rows.get('marker');
  if (marker) scroller.scrollTop = marker.offsetTop - log.offsetTop - 16;
  else toEnd();
  look();
}

function countBelow() {
  const { entries } = shown.timeline;
  const last = shown.timeline.last();
  if (!following && last && last.key !== lastKey) {
    const from = entries.findIndex((entry) => entry.key === lastKey);
    below += entries.slice(from + 1).filter((entry) => entry.type === 'message').length;
  }
  lastKey = last?.key ?? null;
  jump.hidden = following;
  jump.textContent = below > 0 ? `${counted(below, 'new message')} ↓` : 'Latest messages ↓';
}

function look() {
  following = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_END;
  if (following) below = 0;
  if (shown) countBelow();
  if (shown && scroller.scrollTop < NEAR_BEGINNING && !following) fetchOlder(shown);
}

/** Goes to the latest message, and follows from there. */
export function follow() {
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
  older.addEventListener('click', () => shown && fetchOlder(shown));
  jump.addEventListener('click', () => {
    follow();
    byId('composer').focus();
  });
}
