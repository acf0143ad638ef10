// The children of an element, made from a list and kept in step with it.

/**
 * Each entry has a key, by which its element is found again the next time. `show` touches only what differs: an entry
 * that stays keeps its element at its place, so that focus and selection survive, and a screen reader hears only of
 * what is new. As few elements as possible move when the order changes.
 */
export class KeyedList {
  #container;
  #keyOf;
  #create;
  #update;
  /** The elements by key, in the order in which they stand on the page. */
  #nodes = new Map();

  /** `create(entry)` makes an element; `update(element, entry)` is called for new and for kept ones. */
  constructor(container, { keyOf = ({ key }) => key, create, update = () => {} }) {
    this.#container = container;
    this.#keyOf = keyOf;
    this.#create = create;
    this.#update = update;
  }

  /** The element of a key, if there is one. */
  get(key) {
    return this.#nodes.get(key);
  }

  clear() {
    this.#container.replaceChildren();
    this.#nodes.clear();
  }

  /** Makes the children those of `entries`, in this order. */
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
    // An element loses the focus when it moves.
    if (focused !== document.activeElement && this.#container.contains(focused)) focused.focus();
  }

  #make(key, entry) {
    const node = this.#create(entry);
    node.dataset.key = key;
    return node;
  }

  /** The elements that have to move: all but the longest run of those that are in the right order already. */
  #moving(places) {
    const kept = [...this.#nodes];
    const order = kept.map(([key]) => places.get(key));
    if (order.every((place, index) => index === 0 || place > order[index - 1])) return new Set();
    const staying = new Set(longestAscending(order));
    return new Set(kept.filter((_, index) => !staying.has(order[index])).map(([, node]) => node));
  }
}

/** The longest ascending subsequence of distinct numbers (patience sorting). */
function longestAscending(numbers) {
  // The smallest number that ends a subsequence of each length, and what stands before each number in its own.
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
