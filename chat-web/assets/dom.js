// The few things that every view does with the document.
//
// Text always goes in as text: nothing here, and nothing elsewhere on the page, takes markup in a string.

export const byId = (id) => document.getElementById(id);

/**
 * Makes an element. `text` is its text, `onclick` and the like are listeners, everything else is an attribute;
 * absent and false values are left out.
 */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === 'text') element.textContent = value;
    else if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== null));
  return element;
}

/** Sets the text of an element, and hides the element when there is none. */
export function setText(element, text) {
  if (element.textContent !== (text ?? '')) element.textContent = text ?? '';
  element.hidden = !text;
}

/**
 * Makes the children of a container those of a list, in its order, and touches only what differs: whatever has the
 * keyboard's focus keeps it, and a screen reader hears only of what is new.
 *
 * `nodes` remembers the elements from one call to the next, by key.
 */
export function reconcile(container, nodes, entries, keyOf, create, update) {
  const gone = new Set(nodes.keys());
  let next = container.firstElementChild;
  for (const entry of entries) {
    const key = keyOf(entry);
    let node = nodes.get(key);
    if (!node) {
      node = create(entry);
      nodes.set(key, node);
    }
    gone.delete(key);
    update?.(node, entry);
    // Elements that will go anyway must not push the ones that stay around.
    while (next && next !== node && gone.has(next.dataset.key)) next = dropped(next, nodes, gone);
    if (next === node) next = next.nextElementSibling;
    else container.insertBefore(node, next);
    node.dataset.key = key;
  }
  for (const key of gone) {
    nodes.get(key).remove();
    nodes.delete(key);
  }
}

function dropped(node, nodes, gone) {
  const next = node.nextElementSibling;
  gone.delete(node.dataset.key);
  nodes.delete(node.dataset.key);
  node.remove();
  return next;
}

/** A function that runs once, soon, however often it is called until then. */
export function lazily(work) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    queueMicrotask(() => {
      waiting = false;
      work();
    });
  };
}
