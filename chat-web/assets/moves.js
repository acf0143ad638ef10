// Summarises consecutive joins, leaves and renames: `alice and bob joined; carol left`.

import { fold } from './names.js';

/** The most names of a list. */
const MOST_NAMES = 3;

/**
 * Returns a phrase about some changes. A change is `{ did, nickname }`, where `did` is `joined`,
 * `left` or `renamed`; a rename has the new name as `to`.
 */
export function summary(changes) {
  const users = new Map();
  for (const { did, nickname, to } of changes) {
    const before = users.get(fold(nickname));
    const { from, began } = before ?? { from: nickname, began: did };
    const name = to ?? nickname;
    // A user who has joined, and has another name then, has joined.
    const ended = before && did === 'renamed' ? before.ended : did;
    users.delete(fold(nickname));
    users.set(fold(name), { from, began, name, ended });
  }
  const groups = new Map();
  for (const user of users.values()) {
    const words = outcome(user);
    groups.set(words, [...(groups.get(words) ?? []), user]);
  }
  return [...groups].flatMap(([words, group], index) => [
    ...(index > 0 ? ['; '] : []),
    ...(words === RENAMED ? renames(group) : [...list(group.map(({ name }) => name)), ` ${words}`]),
  ]);
}

const RENAMED = 'renamed';

function outcome({ began, ended }) {
  if (ended === 'renamed') return RENAMED;
  if (began === 'joined') return ended === 'joined' ? 'joined' : 'came and went';
  if (began === 'left') return ended === 'left' ? 'left' : 'left and came back';
  return ended;
}

function renames(users) {
  if (users.length > MOST_NAMES) return [`${users.length} users have other names`];
  return users.flatMap(({ from, name }, index) => [
    ...(index > 0 ? ['; '] : []),
    { value: from },
    ' is now known as ',
    { value: name },
  ]);
}

/** Returns names as the parts of a phrase: `a`, `a and b`, `a, b, c and 4 others`. */
function list(names) {
  const shown = names.slice(0, names.length > MOST_NAMES + 1 ? MOST_NAMES : names.length);
  const others = names.length - shown.length;
  const last = others > 0 ? `${others} others` : { value: shown.pop() };
  const parts = shown.flatMap((name, index) => [...(index > 0 ? [', '] : []), { value: name }]);
  return parts.length > 0 ? [...parts, ' and ', last] : [last];
}
