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
  element.append(...children.filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

/** A text, or the parts of a `phrase`, as nodes. */
export const phraseNodes = (text) =>
  [text].flat().map((part) => part.value === undefined ? part : make('bdi', { text: part.value }));

/** Sets the text of an element. The browser would lay the element out again even if it is the same text. */
export function relabel(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Sets the text of an element, and hides the element when there is none. */
export function setText(element, text) {
  relabel(element, text ?? '');
  element.hidden = !text;
}

/** A function that runs once in the next frame, however often it is called until then. */
export function lazily(work) {
  return () => {
    if (due.size === 0) awaitFrame();
    due.add(work);
  };
}

/** What is drawn in the next frame. */
const due = new Set();

/** A page in the background has no frames; its title goes on counting, about once a second. */
const BACKGROUND = 250;

function awaitFrame() {
  const drawAll = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    const works = [...due];
    due.clear();
    for (const work of works) {
      try {
        work();
      } catch (error) {
        // One view that fails must not keep the others from being drawn.
        reportError(error);
      }
    }
  };
  const frame = requestAnimationFrame(drawAll);
  const timer = setTimeout(drawAll, BACKGROUND);
}
