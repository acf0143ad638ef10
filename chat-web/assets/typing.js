// Shows who is typing in the active conversation, and tells the others that the user is.

import { request } from './client.js';
import { byId, lazily, phraseNodes } from './dom.js';
import { channelKey, fold, privateKey } from './names.js';
import { store } from './store.js';

/** The least time between two signals of one conversation, in milliseconds. */
const INTERVAL = 3_000;
/** The time for which a user counts as typing after a signal, in milliseconds, as in IRC. */
const LASTS = { active: 6_000, paused: 30_000 };
/** The most names that are shown. */
const MOST_NAMES = 3;
/** Above this number of members, the server passes no signal on. */
const MOST_MEMBERS = 200;

/** The users who are typing, by conversation: their nicknames, and until when. */
const typists = new Map();
/** The conversation in which the others see the user typing, and since when; null: none. */
let told = null;
let timer = null;

const draw = lazily(() => {
  clearTimeout(timer);
  const now = Date.now();
  const known = typists.get(store.active?.key) ?? new Map();
  const here = [...known.values()].filter(({ until }) => until > now);
  byId('typing').replaceChildren(...phraseNodes(words(here.map(({ nickname }) => nickname))));
  if (here.length === 0) return;
  timer = setTimeout(draw, Math.min(...here.map(({ until }) => until)) - now + 1);
});

function words(names) {
  if (names.length === 0) return '';
  if (names.length > MOST_NAMES) return 'Several people are typing…';
  const parts = names.flatMap((name, index) => {
    const sign = index === names.length - 1 ? ' and ' : ', ';
    return index === 0 ? [{ value: name }] : [sign, { value: name }];
  });
  return [...parts, names.length === 1 ? ' is typing…' : ' are typing…'];
}

/** Handles a signal of another user. */
export function takeTyping({ channel, nickname, data }) {
  const state = data['+typing'];
  if (state === undefined || store.isMe(nickname)) return;
  const key = channel ? channelKey(channel) : privateKey(nickname);
  const conversation = store.conversations.get(key);
  if (!conversation) return;
  stop(conversation, nickname);
  if (!LASTS[state]) return;
  if (!typists.has(conversation.key)) typists.set(conversation.key, new Map());
  const until = Date.now() + LASTS[state];
  typists.get(conversation.key).set(fold(nickname), { nickname, until });
}

/** A user whose message has arrived, or who is gone, types no longer. */
function stop({ key }, nickname) {
  const here = typists.get(key);
  here?.delete(fold(nickname));
  if (here?.size === 0) typists.delete(key);
  draw();
}

/** Tells the others that the user writes, or has removed the text. */
export function typed(text) {
  const { active } = store;
  const isText = text.trim() !== '' && !/^\/(?!me |\/)/u.test(text);
  if (!isText) return stopped();
  if (!active || (told?.conversation === active && Date.now() - told.at < INTERVAL)) return;
  if (active.isChannel && active.count > MOST_MEMBERS) return;
  // Until there is a private message, the other user need not know.
  if (!active.isChannel && active.timeline.last() === undefined) return;
  if (told?.conversation !== active) stopped();
  told = { conversation: active, at: Date.now() };
  tell(active, 'active');
}

/** Tells the others that the user has removed the text. */
function stopped() {
  if (told !== null) tell(told.conversation, 'done');
  told = null;
}

/** Handles that the message was sent, which says enough. */
export const sent = () => (told = null);

function tell({ isChannel, name, joined }, state) {
  if (!joined || store.connection.state !== 'online') return;
  const place = isChannel ? { channel: name } : { to: name };
  // It does not matter if it is refused.
  request({ type: 'signal', ...place, data: { '+typing': state } }).catch(() => {});
}

export function startTyping() {
  store.on('active', draw);
  store.on('heard', ({ conversation, message }) => stop(conversation, message.nickname));
  store.on('connection', () => {
    if (store.connection.state === 'online') return;
    told = null;
    typists.clear();
    draw();
  });
}
