// Describes this browser for the user's list of devices.

/** The marks of browsers in `navigator.userAgent`. Later ones are contained in earlier ones. */
const BROWSERS = [
  ['Edg', 'Edge'],
  ['OPR', 'Opera'],
  ['Firefox', 'Firefox'],
  ['FxiOS', 'Firefox'],
  ['Chrome', 'Chrome'],
  ['CriOS', 'Chrome'],
  ['Safari', 'Safari'],
];

const SYSTEMS = [
  ['Android', 'Android'],
  ['iPhone', 'iOS'],
  ['iPad', 'iPadOS'],
  ['Windows', 'Windows'],
  ['Mac OS X', 'macOS'],
  ['CrOS', 'ChromeOS'],
  ['Linux', 'Linux'],
];

/** Returns a description such as `Firefox on Linux`. */
export function deviceName(agent = navigator.userAgent) {
  const named = (marks) => marks.find(([mark]) => agent.includes(mark))?.[1];
  const system = named(SYSTEMS);
  return (named(BROWSERS) ?? 'Browser') + (system ? ` on ${system}` : '');
}
