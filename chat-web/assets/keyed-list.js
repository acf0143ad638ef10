// Keeps the children of an element in step with a list.

/**
 * Each entry has a key, which identifies its element. `show` changes only what differs: a kept
 * entry keeps its element in place, so that focus and selection survive, and a screen reader
 * announces only new entries. When the order changes, as few elements as possible move.
 */
export class KeyedList {
  #container;
  #keyOf;
  #create;
  #update;
  /** The elements by key, in their order on the page. */
  #nodes = new Map();

  /** `create(entry)` makes an element. `update(element, entry)` is called for new and kept ones. */
  constructor(container, { keyOf = ({ key }) => key, create, update = () => {} }) {
    this.#container = container;
    this.#keyOf = keyOf;
    this.#create = create;
    this.#update = update;
  }

  /** Returns the element of a key, if there is one. */
  get(key) {
    return this.#nodes.get(key);
  }

  clear() {
    this.#container.replaceChildren();
    this.#nodes.clear();
  }

  /** Updates the children to the elements of `entries`, in this order. */
  show(entries) {
    const places = new Map(entries.map((entry, index) => [this.#keyOf(entry), index]));
    for (const [key, node] of this.#nodes) {
      if (places.has(key)) continue;
      node.remove();
      this.#nodes.delete(key);
    }
    const moving = this.#moving(places);
    const focused = moving.size > 0 ? document.activeElement : null;

    const nodes = new Map();
    let next = this.#container.firstElementChild;
    for (const entry of entries) {
      const key = this.#keyOf(entry);
      const node = this.#nodes.get(key) ?? this.#make(key, entry);
      this.#update(node, entry);
      nodes.set(key, node);
      while (moving.has(next)) next = next.nextElementSibling;
      if (node === next) {
        next = next.nextElementSibling;
      } else {
        this.#container.insertBefore(node, next);
        moving.delete(node);
      }
    }
    this.#nodes = nodes;
    // An element loses the focus when it is moved.
    if (focused !== document.activeElement && this.#container.contains(focused)) focused.focus();
  }

  #make(key, entry) {
    const node = this.#create(entry);
    node.dataset.key = key;
    return node;
  }

  /** Returns the elements that have to move: all but a longest subsequence in the right order. */
  #moving(places) {
    const kept = [...this.#nodes];
    const order = kept.map(([key]) => places.get(key));
    if (order.every((place, index) => index === 0 || place > order[index - 1])) return new Set();
    const staying = new Set(longestAscending(order));
    return new Set(kept.filter((_, index) => !staying.has(order[index])).map(([, node]) => node));
  }
}

/** Returns the longest ascending subsequence of distinct numbers (patience sorting). */
function longestAscending(numbers) {
  // The smallest number that ends a subsequence of each length, and the predecessor of each number.
  const ends = [];
  const before = new Map();
  for (const number of numbers) {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle] < number) low = middle + 1;
      else high = middle;
    }
    before.set(number, ends[low - 1]);
    ends[low] = number;
  }
  const found = [];
  for (let number = ends.at(-1); number !== undefined; number = before.get(number)) found.push(number);
  return found;
}
