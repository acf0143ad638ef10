// Formats times in the user's time zone and language.

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const date = new Intl.DateTimeFormat(undefined, { dateStyle: 'long' });

/** Returns the time of day. */
export const timeOfDay = (at) => clock.format(at);

/** Returns the full date and time, for tooltips. */
export const fullTime = (at) => full.format(at);

/** Returns the day of a time as `2026-11-28`, so that days can be compared as text. */
export function dayOf(at) {
  const day = new Date(at);
  const twoDigits = (number) => String(number).padStart(2, '0');
  return `${day.getFullYear()}-${twoDigits(day.getMonth() + 1)}-${twoDigits(day.getDate())}`;
}

/** Returns the name of a day: today, yesterday, or its date. */
export function dayName(at, now = Date.now()) {
  const day = dayOf(at);
  if (day === dayOf(now)) return 'Today';
  const yesterday = new Date(now);
  yesterday.setDate(yesterday.getDate() - 1);
  if (day === dayOf(yesterday)) return 'Yesterday';
  const thisYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return (thisYear ? weekday : date).format(at);
}
