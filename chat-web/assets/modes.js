// The text form of channel modes: `+secret -moderated key=sesame -limit`.

const SWITCHES = ['secret', 'invite_only', 'moderated', 'members_only', 'operator_topic'];
const SWITCH = new RegExp(`^([+-])(${SWITCHES.join('|')})$`, 'u');

/** Returns the fields of a `modes` request, or null if a word is not a mode. */
export function parseModes(text) {
  const changes = {};
  for (const word of text.split(/\s+/u).filter(Boolean)) {
    const change = parseMode(word);
    if (!change) return null;
    Object.assign(changes, change);
  }
  return changes;
}

function parseMode(word) {
  const [, sign, name] = SWITCH.exec(word) ?? [];
  if (name) return { [name]: sign === '+' };
  if (word === '-key') return { key: null };
  if (word === '-limit') return { limit: null };
  if (word.startsWith('key=')) return { key: word.slice(4) };
  if (/^limit=\d{1,9}$/u.test(word)) return { limit: Number(word.slice(6)) };
  return null;
}

/** Returns modes in the form that `/modes` takes. */
export function modeWords(modes) {
  const words = SWITCHES.filter((name) => modes[name]).map((name) => `+${name}`);
  if (modes.key !== undefined) words.push(`key=${modes.key}`);
  if (modes.limit !== undefined) words.push(`limit=${modes.limit}`);
  return words.join(' ') || 'none';
}
