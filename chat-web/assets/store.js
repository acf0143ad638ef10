// The state of the page. Views read it and listen for changes; only the server's events and the
// user's actions change it.

import { movesShown } from './memory.js';
import { byName, channelKey, channelTitle, fold, privateKey } from './names.js';
import { Timeline } from './timeline.js';

/** A channel or a private conversation. */
class Conversation {
  constructor(kind, name) {
    this.kind = kind;
    this.name = name;
    this.key = kind === 'channel' ? channelKey(name) : privateKey(name);
    this.timeline = new Timeline();
    /** The messages that the server has not acknowledged, in order; see `outbox.js`. */
    this.outgoing = [];
    /** The scroll position: a row's key and its distance from the top; null: at the end. */
    this.place = null;
    this.unread = 0;
    /** The number of unread messages that mention the user or are private. */
    this.mentions = 0;
    /** The id of the last message that was read before the unread ones; null: all were read. */
    this.marker = null;
    /** The id of the last message that the user has read, on any device; see `marks.js`. */
    this.lastRead = 0;
    /** The same, as the server was told. */
    this.reported = 0;
    /** Whether the server has counted the unread messages from before the last welcome. */
    this.counted = false;
    this.draft = '';
    /** The message to which the next one replies; null: none. See `reply.js`. */
    this.reply = null;
    /** Whether its history has been fetched before. */
    this.visited = false;
    /** Whether no message is missing between the oldest and the newest of the page. */
    this.complete = false;
    // For channels only:
    this.joined = kind === 'private';
    /** Whether it was joined over the current connection, and all missed messages are here. */
    this.ready = false;
    /** Whether the user is banned from it. */
    this.banned = false;
    this.password = undefined;
    this.topic = null;
    this.members = new Map();
    this.count = 0;
    /** Whether the user is joining it again, after the connection was lost. */
    this.returning = false;
    /** Whether the roster is incomplete, because it came together with those of other channels. */
    this.partial = false;
    /** Whether the details have been fetched that matter only while the channel is shown. */
    this.detailed = false;
    /** The id of the newest message that was here before a reload. */
    this.known = null;
    /** Whether the server has older messages than the page. */
    this.more = false;
    this.loadingOlder = false;
    /** New entries that are held back while history is fetched; null: none are held back. */
    this.held = null;
    /** The state of fetching missed messages; null: none are missing. */
    this.fetching = null;
    /** Whether the last fetch left no gap after the messages that were here before. */
    this.unbroken = false;
  }

  get isChannel() {
    return this.kind === 'channel';
  }

  /** The name as it is shown: channels with a `#`. */
  get title() {
    return this.isChannel ? channelTitle(this.name) : this.name;
  }
}

class Store {
  me = null;
  away = null;

  /** The user's status, which others see beside the name; null: none. */
  status = null;
  /** The account in which this tab is logged in with a password; null: none. */
  account = null;
  /** The server's accounts with passwords: `{ register }`; null: it keeps none. */
  accounts = null;
  /** The `state`: `connecting`, `online` or `offline`, with `retryAt` and `detail` for people. */
  connection = { state: 'offline' };
  conversations = new Map();
  active = null;
  /** Whether the user sees the end of the active conversation, where new messages appear. */
  atEnd = true;
  /** Notices by key; see `notices.js`. */
  notices = new Map();
  /** The number of times that the server has lost its messages since this page was loaded. */
  epoch = 0;
  /** The epoch of the server's message ids at the last welcome. */
  idEpoch = null;
  /** The highest id of a message up to which the page has received every one of the server. */
  received = 0;
  /** The highest id of a live message while missed ones are being fetched; null: none are. */
  ahead = null;
  /** Whether the server has continued after `received` at the last welcome. */
  resumed = false;
  /** Whether the server has announced rosters of channels at the last welcome. */
  expectsChannels = false;
  /** The account of the user, for which the server keeps messages and what was read; null: none. */
  identity = null;
  /** The key that proves after a reconnect that this page is the same user; see `session.js`. */
  reconnectKey = null;
  movesShown = movesShown.get();
  #recent = [];
  #listeners = new Map();

  /** Calls a listener for each change of some kinds. */
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

  /** Returns all conversations in the order of the list. */
  listed() {
    return [...this.channels(), ...this.privates()];
  }

  get hasAccount() {
    return this.identity !== null;
  }

  /** Returns true if the user has sent a message, perhaps by another name. */
  isMine({ nickname, account }) {
    return this.isMe(nickname) || (this.hasAccount && account === this.identity);
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

  /** Restores a conversation before anything is shown. */
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
    // A conversation that the user has scrolled up keeps its position, and one with unread messages
    // may begin with the first of them.
    this.atEnd = !conversation?.place && conversation?.marker === null;
    if (conversation) {
      this.#recent = this.#recent.filter((other) => other !== conversation);
      this.#recent.push(conversation);
    }
    this.changed('active', conversation);
    this.seen();
    this.remember();
  }

  /** Returns true if the user sees new messages of a conversation at once. */
  isLookedAt(conversation) {
    const isSeen = document.visibilityState === 'visible' && document.hasFocus();
    return isSeen && this.active === conversation && this.atEnd;
  }

  /** Marks all messages of the active conversation as read, if the user sees them. */
  seen() {
    const { active } = this;
    if (!active || !this.isLookedAt(active)) return;
    const last = active.timeline.last();
    if (last?.epoch === this.epoch && last.id > active.lastRead) {
      active.lastRead = last.id;
      this.changed('read', active);
    }
    if (active.unread === 0) return;
    active.unread = 0;
    active.mentions = 0;
    this.changed('list');
  }

  /** Notes that a message has arrived, so that the page continues after it. */
  arrived(id) {
    if (this.ahead === null) this.received = Math.max(this.received, id);
    else this.ahead = Math.max(this.ahead, id);
  }

  /** Notes that the user has scrolled to the end of the active conversation, or away from it. */
  setAtEnd(atEnd) {
    this.atEnd = atEnd;
    this.seen();
  }

  /** Changes the name of a private conversation after the other user was renamed. */
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

  setAccount(account) {
    this.account = account;
    this.remember();
    this.changed('account');
  }

  setAccounts(accounts) {
    this.accounts = accounts;
    this.changed('account');
  }

  showMoves(shown) {
    this.movesShown = shown;
    movesShown.set(shown);
    this.changed('moves');
  }

  /** Makes `visit.js` save the state that a reload restores. */
  remember() {
    this.changed('visit');
  }

  /** Forgets everything, when the user leaves for good. */
  clear() {
    this.me = null;
    this.away = null;
    this.status = null;
    this.account = null;
    this.identity = null;
    this.idEpoch = null;
    this.received = 0;
    this.ahead = null;
    this.reconnectKey = null;
    this.conversations.clear();
    this.notices.clear();
    this.#recent = [];
    this.active = null;
    this.changed('forget');
    for (const kind of ['list', 'active', 'me', 'account', 'notices']) this.changed(kind, null);
  }

  #sorted(kind) {
    const some = [...this.conversations.values()].filter((entry) => entry.kind === kind);
    return some.sort((one, other) => byName(one.name, other.name));
  }
}

export const store = new Store();
