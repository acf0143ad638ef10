// What the page knows. Views read it and listen for what changed; only events from the server and the user's own
// actions write to it.

import { movesShown, visit } from './memory.js';
import { byName, channelKey, fold, privateKey } from './names.js';
import { Timeline } from './timeline.js';

/** One channel or one private conversation. */
class Conversation {
  constructor(kind, name) {
    this.kind = kind;
    this.name = name;
    this.key = kind === 'channel' ? channelKey(name) : privateKey(name);
    this.timeline = new Timeline(kind === 'private');
    /** Messages on their way to the server, or not sent at all. */
    this.outgoing = [];
    this.unread = 0;
    this.mentioned = false;
    /** The key of the first entry that was not seen before one looked. */
    this.marker = null;
    this.draft = '';
    // Of channels only:
    this.joined = kind === 'private';
    this.password = undefined;
    this.topic = null;
    this.members = new Map();
    this.count = 0;
    /** Whether its history has been fetched before. */
    this.visited = false;
    /** Whether the server has older messages than the oldest here. */
    this.more = false;
    this.loadingOlder = false;
    /** Live entries wait in here while history is fetched, so that everything gets in order; null: nothing waits. */
    this.held = null;
    this.fetching = null;
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
  /** How often the server has been restarted since this page was loaded. */
  epoch = 0;
  /** Which start of the server this page has spoken to last. */
  boot = null;
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
    if (conversation) {
      this.#recent = this.#recent.filter((other) => other !== conversation);
      this.#recent.push(conversation);
    }
    this.changed('active', conversation);
    this.seen();
    this.remember();
  }

  /** The user looks at the active conversation: nothing in it is unread any more. */
  seen() {
    const { active } = this;
    if (!active || document.visibilityState !== 'visible') return;
    if (active.unread === 0 && !active.mentioned) return;
    active.unread = 0;
    active.mentioned = false;
    this.changed('list');
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

  /** Writes down where this tab is, for a reload. */
  remember() {
    if (!this.me) return;
    const channels = this.channels().filter((channel) => channel.joined);
    const names = channels.map((channel) => channel.name);
    visit.set({ nickname: this.me, channels: names, active: this.active?.title });
  }

  /** Forgets everything, when the user leaves for good. */
  clear() {
    this.me = null;
    this.away = null;
    this.boot = null;
    this.conversations.clear();
    this.#recent = [];
    this.active = null;
    visit.set(null);
    for (const kind of ['list', 'active', 'me']) this.changed(kind, null);
  }

  #sorted(kind) {
    const some = [...this.conversations.values()].filter((entry) => entry.kind === kind);
    return some.sort((one, other) => byName(one.name, other.name));
  }
}

export const store = new Store();
