// The text form of channel modes: `+secret -moderated key=sesame -limit keep=90d`.

const SWITCHES = [
  'secret',
  'invite_only',
  'moderated',
  'members_only',
  'operator_topic',
  'no_ctcp',
];
/** The units of the time for which messages are kept, in seconds. */
const UNITS = { d: 86_400, h: 3_600, m: 60, s: 1 };
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
  if (word === '-keep') return { keep_seconds: null };
  if (word.startsWith('key=')) return { key: word.slice(4) };
  if (/^limit=\d{1,9}$/u.test(word)) return { limit: Number(word.slice(6)) };
  const seconds = word.startsWith('keep=') ? secondsOf(word.slice(5)) : undefined;
  return seconds === undefined ? null : { keep_seconds: seconds };
}

/** Reads a time such as `90d`; undefined if it is none. */
export function secondsOf(text) {
  const [, count, unit] = /^(\d{1,10})([dhms])$/u.exec(text) ?? [];
  return unit && Number(count) * UNITS[unit];
}

/** Writes a time in the largest unit in which it is a whole number: `90d`. */
export function writtenTime(seconds) {
  const whole = Object.entries(UNITS).find(([, unit]) => seconds > 0 && seconds % unit === 0);
  const [name, unit] = whole ?? ['s', 1];
  return `${seconds / unit}${name}`;
}

/** Returns modes in the form that `/modes` takes. */
export function modeWords(modes) {
  const words = SWITCHES.filter((name) => modes[name]).map((name) => `+${name}`);
  if (modes.key !== undefined) words.push(`key=${modes.key}`);
  if (modes.limit !== undefined) words.push(`limit=${modes.limit}`);
  if (modes.keep_seconds !== undefined) words.push(`keep=${writtenTime(modes.keep_seconds)}`);
  return words.join(' ') || 'none';
}
