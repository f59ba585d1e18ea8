// Options are objects of named members: one that no call knows is a mistake in its name.
import { refused } from './errors.js';
import { isNothing } from './given.js';

/** Changes between two words, case ignored: as the library counts them for its own hints. */
function distance(a, b) {
  let before = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; ++i) {
    const row = [i];
    for (let j = 1; j <= b.length; ++j) {
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], before[j - 2] + 1);
    }
    [before, last] = [last, row];
  }
  return last[b.length];
}

const words = (name) => name.replace(/([a-z])([A-Z])|_/g, '$1 $2').toLowerCase();
const holds = (name, part) => ` ${name} `.includes(` ${part} `);

/** The known name that is another spelling of this one, or has it as its part ("deadlineMs" for "deadline"); or undefined. */
function meantBy(name, known) {
  const given = words(name.slice(0, 64));
  const [[changes, nearest]] = known.map((one) => [distance(given, words(one)), one]).sort(([a], [b]) => a - b);
  if (changes <= Math.max(1, given.length / 3)) return nearest;
  return known.find((one) => holds(words(one), given) || holds(given, words(one)));
}

/** Refuses a member whose name is not among `known`; `place` is what the host wrote in front of it. */
export function refuseUnknown(given, known, place = '') {
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    const meant = meantBy(name, known);
    const hint = meant === undefined ? `known are ${known.map((one) => `"${one}"`).join(', ')}` : `did you mean "${meant}"?`;
    throw refused(`${place}${name}: is not a known option; ${hint}`);
  }
}

/** The options of a call, an object or nothing, all of whose names are known. */
export function optionsOf(given, known) {
  if (isNothing(given)) return {};
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw refused(`options: must be an object, such as {${known[0]}: ...}; it is ${Array.isArray(given) ? 'an array' : `a ${typeof given}`}`);
  }
  refuseUnknown(given, known);
  return given;
}
