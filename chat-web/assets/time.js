// Times as people read them, in the reader's own time zone and language.

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const date = new Intl.DateTimeFormat(undefined, { dateStyle: 'long' });

/** The time of day. */
export const timeOfDay = (at) => clock.format(at);

/** Everything about a time, for those who point at it. */
export const fullTime = (at) => full.format(at);

/** The day that a time is on, as `2026-11-28`: days compare as their texts do. */
export function dayOf(at) {
  const day = new Date(at);
  const twoDigits = (number) => String(number).padStart(2, '0');
  return `${day.getFullYear()}-${twoDigits(day.getMonth() + 1)}-${twoDigits(day.getDate())}`;
}

/** The name of that day: today, yesterday, or its date. */
export function dayName(at, now = Date.now()) {
  const day = dayOf(at);
  if (day === dayOf(now)) return 'Today';
  const yesterday = new Date(now);
  yesterday.setDate(yesterday.getDate() - 1);
  if (day === dayOf(yesterday)) return 'Yesterday';
  const thisYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return (thisYear ? weekday : date).format(at);
}
