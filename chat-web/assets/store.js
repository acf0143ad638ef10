// What the page knows. Views read it and listen for what changed; only events from the server and the user's own
// actions write to it.

import { movesShown } from './memory.js';
import { byName, channelKey, fold, privateKey } from './names.js';
import { Timeline } from './timeline.js';

/** One channel or one private conversation. */
class Conversation {
  constructor(kind, name) {
    this.kind = kind;
    this.name = name;
    this.key = kind === 'channel' ? channelKey(name) : privateKey(name);
    this.timeline = new Timeline(kind === 'private');
    /** What the user has said and the server has not acknowledged, in order; see `outbox.js`. */
    this.outgoing = [];
    /** Where the user has scrolled to: a row's key and how far below the top it is; null: at the end. */
    this.place = null;
    this.unread = 0;
    /** How many of the unread messages name the user, or are for nobody else. */
    this.mentions = 0;
    /** The key of the first entry that was not seen before one looked. */
    this.marker = null;
    this.draft = '';
    // Of channels only:
    this.joined = kind === 'private';
    /** Whether it has been entered over the connection that there is now, and all that was missed is here. */
    this.ready = false;
    /** Whether the user was put out of it for good. */
    this.banned = false;
    this.password = undefined;
    this.topic = null;
    this.members = new Map();
    this.count = 0;
    /** Whether one is on the way back into it, after the connection was lost. */
    this.returning = false;
    /** Whether the roster has been cut, to make room for those of other channels. */
    this.partial = false;
    /** Whether what only matters to somebody who looks at it is here. */
    this.detailed = false;
    /** Whether its history has been fetched before. */
    this.visited = false;
    /** The id of the newest message that was here before a reload. */
    this.known = null;
    /** Whether the server has older messages than the oldest here. */
    this.more = false;
    this.loadingOlder = false;
    /** Live entries wait in here while history is fetched, so that everything gets in order; null: nothing waits. */
    this.held = null;
    /** While messages are missing here: whether they are being fetched; null: nothing is missing. */
    this.fetching = null;
    /** Whether nothing was missed between what was here before the last fetch and what it brought. */
    this.unbroken = false;
  }

  get isChannel() {
    return this.kind === 'channel';
  }

  /** The name as it is written: channels with their sign. */
  get title() {
    return this.isChannel ? `#${this.name}` : this.name;
  }
}

class Store {
  me = null;
  away = null;
  /** `connecting`, `online` or `offline`; with `retryAt` and `detail` for people. */
  connection = { state: 'offline' };
  conversations = new Map();
  active = null;
  /** Whether the user sees the end of the active conversation, where new messages come. */
  atEnd = true;
  /** Notices by key; see `notices.js`. */
  notices = new Map();
  /** How often the server has been restarted since this page was loaded. */
  epoch = 0;
  /** Which start of the server this page has spoken to last. */
  boot = null;
  /** What proves to the server, after the connection was lost, that this page is still the same user; see `session.js`. */
  reconnectKey = null;
  movesShown = movesShown.get();
  #recent = [];
  #listeners = new Map();

  /** Calls a listener for each change of one kind. */
  on(kinds, listener) {
    for (const kind of kinds.split(' ')) {
      if (!this.#listeners.has(kind)) this.#listeners.set(kind, []);
      this.#listeners.get(kind).push(listener);
    }
  }

  changed(kind, subject) {
    this.#listeners.get(kind)?.forEach((listener) => listener(subject));
  }

  channel(name) {
    return this.conversations.get(channelKey(name));
  }

  channels() {
    return this.#sorted('channel');
  }

  privates() {
    return this.#sorted('private');
  }

  /** All in the order in which they are listed. */
  listed() {
    return [...this.channels(), ...this.privates()];
  }

  isMe(nickname) {
    return this.me !== null && fold(nickname) === fold(this.me);
  }

  openChannel(name) {
    return this.#open('channel', name);
  }

  openPrivate(nickname) {
    return this.#open('private', nickname);
  }

  #open(kind, name) {
    const made = new Conversation(kind, name);
    const known = this.conversations.get(made.key);
    if (known) return known;
    this.conversations.set(made.key, made);
    this.changed('list');
    return made;
  }

  /** Brings back a conversation as it was, before anything is shown. */
  restore(kind, name, state) {
    const made = Object.assign(new Conversation(kind, name), state);
    this.conversations.set(made.key, made);
    return made;
  }

  close(conversation) {
    this.conversations.delete(conversation.key);
    this.#recent = this.#recent.filter((other) => other !== conversation);
    if (this.active === conversation) this.activate(this.#recent.at(-1) ?? this.listed()[0] ?? null);
    this.remember();
    this.changed('list');
  }

  activate(conversation) {
    if (this.active === conversation) return;
    if (this.active) this.active.marker = null;
    this.active = conversation;
    // Where the user had scrolled up, they still are.
    this.atEnd = !conversation?.place;
    if (conversation) {
      this.#recent = this.#recent.filter((other) => other !== conversation);
      this.#recent.push(conversation);
    }
    this.changed('active', conversation);
    this.seen();
    this.remember();
  }

  /** Whether the user sees what comes in a conversation as it comes. */
  isLookedAt(conversation) {
    return this.active === conversation && this.atEnd && document.visibilityState === 'visible';
  }

  /** Nothing in the active conversation is unread any more, if the user looks at it. */
  seen() {
    const { active } = this;
    if (!active || active.unread === 0 || !this.isLookedAt(active)) return;
    active.unread = 0;
    active.mentions = 0;
    this.changed('list');
  }

  /** The user has scrolled to the end of the active conversation, or away from it. */
  setAtEnd(atEnd) {
    this.atEnd = atEnd;
    this.seen();
  }

  /** A private conversation follows the other one through a rename. */
  rekey(conversation, nickname) {
    const key = privateKey(nickname);
    if (key !== conversation.key && this.conversations.has(key)) return;
    this.conversations.delete(conversation.key);
    conversation.name = nickname;
    conversation.key = key;
    this.conversations.set(key, conversation);
    this.changed('list');
    if (this.active === conversation) this.changed('topic', conversation);
  }

  setConnection(connection) {
    this.connection = connection;
    if (connection.state !== 'online') {
      for (const channel of this.channels()) channel.ready = false;
    }
    this.changed('connection');
  }

  setMe(nickname) {
    this.me = nickname;
    this.remember();
    this.changed('me');
  }

  showMoves(shown) {
    this.movesShown = shown;
    movesShown.set(shown);
    this.changed('moves');
  }

  /** Has `visit.js` write down what a reload should bring back. */
  remember() {
    this.changed('visit');
  }

  /** Forgets everything, when the user leaves for good. */
  clear() {
    this.me = null;
    this.away = null;
    this.boot = null;
    this.reconnectKey = null;
    this.conversations.clear();
    this.notices.clear();
    this.#recent = [];
    this.active = null;
    this.changed('forget');
    for (const kind of ['list', 'active', 'me', 'notices']) this.changed(kind, null);
  }

  #sorted(kind) {
    const some = [...this.conversations.values()].filter((entry) => entry.kind === kind);
    return some.sort((one, other) => byName(one.name, other.name));
  }
}

export const store = new Store();
