// Helper functions for the document.
//
// Text is always inserted as text: no function of the page accepts markup in a string.

export const byId = (id) => document.getElementById(id);

/**
 * Makes an element. `text` is its text, `onclick` and the like are listeners, and all other
 * properties are attributes. Null, undefined and false values are left out.
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

/** Returns a text, or the parts of a `phrase`, as nodes. */
export const phraseNodes = (text) =>
  [text].flat().map((part) => part.value === undefined ? part : make('bdi', { text: part.value }));

/**
 * Sets the text of an element if it differs. Setting the same text would make the browser lay out
 * the element again.
 */
export function relabel(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Sets the text of an element, and hides the element if the text is empty. */
export function setText(element, text) {
  relabel(element, text ?? '');
  element.hidden = !text;
}

/** Returns a function that runs `work` once in the next frame, no matter how often it is called. */
export function lazily(work) {
  return () => {
    if (due.size === 0) awaitFrame();
    due.add(work);
  };
}

/** The functions that run in the next frame. */
const due = new Set();

/**
 * A page in the background has no frames. A timer of this many milliseconds draws instead, so that
 * the unread count in the title stays up to date; browsers throttle it to about once a second.
 */
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
        // An error in one view must not prevent the others from being drawn.
        reportError(error);
      }
    }
  };
  const frame = requestAnimationFrame(drawAll);
  const timer = setTimeout(drawAll, BACKGROUND);
}
