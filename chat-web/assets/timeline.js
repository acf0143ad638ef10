// What a conversation shows, in order: messages, and lines about what happened between them.

/** Most entries of a conversation: what a browser draws without effort, and more than anybody reads again. */
export const CAPACITY = 1000;
/** So many more may come before all above the capacity go at once: all rows below one that goes have to move. */
const EXCESS = 100;

/**
 * A message is the same as another if id and time are the same. The id alone is not enough: a server that was restarted
 * counts from one again. For the same reason messages are in the order of *epoch* and id; each restart begins an epoch.
 */
export const keyOf = (message) => `${message.id}@${message.at}`;

export class Timeline {
  entries = [];
  #inOrderOfArrival;
  #byKey = new Map();
  #lines = 0;

  /** Nothing can be fetched of a private conversation, so there everything is in the order in which it comes. */
  constructor(inOrderOfArrival) {
    this.#inOrderOfArrival = inOrderOfArrival;
  }

  get isFull() {
    return this.entries.length >= CAPACITY;
  }

  /** The message of this key, if it is here. */
  get(key) {
    return this.#byKey.get(key);
  }

  /** The oldest message. */
  first() {
    return this.entries.find((entry) => entry.type === 'message');
  }

  /** The newest message. */
  last() {
    return this.entries.findLast((entry) => entry.type === 'message');
  }

  /** Puts a message in its place. False if it is here already. */
  add(message, epoch) {
    const key = keyOf(message);
    if (this.#byKey.has(key)) return false;
    const entry = { ...message, type: 'message', key, epoch, time: Date.parse(message.at) };
    this.entries.splice(this.#place(entry), 0, entry);
    this.#byKey.set(key, entry);
    this.#trim();
    return true;
  }

  /** Adds a line that is no message, at the end. */
  line(line) {
    this.#lines += 1;
    this.entries.push({ ...line, key: `line-${this.#lines}`, time: Date.now() });
    this.#trim();
  }

  /** The first place that is behind everything older. */
  #place(entry) {
    let place = this.entries.length;
    if (this.#inOrderOfArrival) return place;
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
    if (length < CAPACITY + EXCESS) return;
    for (const entry of this.entries.splice(0, length - CAPACITY)) this.#byKey.delete(entry.key);
  }
}
