// A list of options for a field that keeps the focus, and names the chosen option
// (`aria-activedescendant`).

import { make } from './dom.js';

export class Listbox {
  #field;
  #list;
  #take;
  /** The index of the chosen option; -1: none. */
  at = -1;

  /** `take(index)` is called when the user takes an option. */
  constructor(field, list, take) {
    this.#field = field;
    this.#list = list;
    this.#take = take;
  }

  get isOpen() {
    return !this.#list.hidden;
  }

  /** Shows options: each is a list of nodes. */
  show(options, at) {
    this.#list.replaceChildren(...options.map((nodes, index) => this.#option(nodes, index)));
    this.#list.hidden = false;
    this.#field.setAttribute('aria-controls', this.#list.id);
    this.choose(at);
  }

  #option(nodes, index) {
    return make(
      'li',
      {
        id: `${this.#list.id}-${index}`,
        role: 'option',
        // The field must not lose the focus.
        onpointerdown: (event) => event.preventDefault(),
        onclick: () => this.#take(index),
      },
      ...nodes,
    );
  }

  hide() {
    this.#list.hidden = true;
    this.#field.removeAttribute('aria-controls');
    this.#field.removeAttribute('aria-activedescendant');
  }

  choose(at) {
    this.at = at;
    [...this.#list.children].forEach((node, index) => {
      node.setAttribute('aria-selected', String(index === at));
    });
    const chosen = this.#list.children[at];
    if (!chosen) return this.#field.removeAttribute('aria-activedescendant');
    this.#field.setAttribute('aria-activedescendant', chosen.id);
    chosen.scrollIntoView({ block: 'nearest' });
  }

  /** Chooses the next option, or the one before; after the last one comes the first. */
  step(by) {
    const { length } = this.#list.children;
    this.choose(this.at < 0 && by < 0 ? length - 1 : (this.at + by + length) % length);
  }
}
