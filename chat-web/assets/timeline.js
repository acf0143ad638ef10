// The ordered entries of a conversation: messages, and lines about events between them.

/** The most entries of a conversation while the user follows its end. */
const CAPACITY = 1000;
/** The most entries of a conversation in which the user has scrolled back. */
const READING_CAPACITY = 100_000;
/**
 * The number of rows that may accumulate before the excess is removed at once: removing a row
 * moves all rows below it.
 */
const EXCESS = 100;

/**
 * Returns the key of a message, from its id and time. The id alone does not identify it, because a
 * restarted server numbers messages from one again. For the same reason, messages are ordered by
 * *epoch* and id; each restart begins a new epoch.
 */
export const keyOf = (message) => `${message.id}@${message.at}`;

export class Timeline {
  entries = [];
  /** Whether the user has scrolled back, so that older entries are not removed. */
  reading = false;
  /** Whether older messages were removed. */
  shortened = false;
  #byKey = new Map();
  #lines = 0;

  get isFull() {
    return this.entries.length >= CAPACITY;
  }

  /** Returns the message of this key, if there is one. */
  get(key) {
    return this.#byKey.get(key);
  }

  /** Returns the message of this id in an epoch, if it is here. */
  find(id, epoch) {
    const isIt = (entry) => entry.type === 'message' && entry.id === id && entry.epoch === epoch;
    return this.entries.findLast(isIt);
  }

  /** Returns the oldest message. */
  first() {
    return this.entries.find((entry) => entry.type === 'message');
  }

  /** Returns the newest message. */
  last() {
    return this.entries.findLast((entry) => entry.type === 'message');
  }

  /** Inserts a message at its place. Returns false if it exists already. */
  add(message, epoch) {
    const key = keyOf(message);
    if (this.#byKey.has(key)) return false;
    const entry = { ...message, type: 'message', key, epoch, time: Date.parse(message.at) };
    this.entries.splice(this.#place(entry), 0, entry);
    this.#byKey.set(key, entry);
    this.#trim();
    return true;
  }

  /** Appends a line that is not a message. */
  line(line) {
    this.#lines += 1;
    this.entries.push({ ...line, key: `line-${this.#lines}`, time: Date.now() });
    this.#trim();
  }

  /** Returns the first index after all older messages. */
  #place(entry) {
    let place = this.entries.length;
    for (let index = place - 1; index >= 0; index--) {
      const other = this.entries[index];
      if (other.type !== 'message') continue;
      if (other.epoch < entry.epoch || (other.epoch === entry.epoch && other.id < entry.id)) break;
      place = index;
    }
    return place;
  }

  #trim() {
    const { length } = this.entries;
    const capacity = this.reading ? READING_CAPACITY : CAPACITY;
    if (length < capacity + EXCESS) return;
    for (const entry of this.entries.splice(0, length - capacity)) this.#byKey.delete(entry.key);
    this.shortened = true;
  }
}
