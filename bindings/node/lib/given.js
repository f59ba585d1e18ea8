// What a host gives, looked at before C sees it: there a number in the place of a text is an address, and one that does not
// fit is another number.
import { refused } from './errors.js';

const isWellFormed = String.prototype.isWellFormed === undefined
  ? (text) => !/\p{Surrogate}/u.test(text) // Node 18
  : (text) => text.isWellFormed();

export const isNothing = (value) => value === undefined || value === null;

/** What a value is, in words. */
export function kindOf(value) {
  if (isNothing(value)) return String(value);
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** The text. `name` is its argument's, as the host wrote it: so it is below. */
export function textOf(value, name) {
  if (typeof value !== 'string') throw refused(`${name}: must be a string; it is ${kindOf(value)}`);
  if (!value.includes('\0') && isWellFormed(value)) return value;
  throw refused(`${name}: not valid UTF-8, or it holds a NUL; convert it first`); // the library's own words
}

/** The bytes of a text that is looked at later. */
export const bytesOf = (text) => (typeof text === 'string' ? Buffer.byteLength(text) : 0);

/** A text for a place that must not fail, such as what somebody's error says. */
export function cleaned(text) {
  return text.replace(/[\0\p{Surrogate}]/gu, '\uFFFD');
}

/** The text itself, or the JSON of anything else. */
export function jsonOf(value, name) {
  if (typeof value === 'string') return value;
  let json;
  try {
    json = JSON.stringify(value);
  } catch (cause) {
    throw Object.assign(refused(`${name}: cannot be written as JSON: it holds a BigInt or itself`), { cause });
  }
  if (json === undefined) throw refused(`${name}: must be JSON, as a string or what can be written so; it is ${kindOf(value)}`);
  return json;
}

/** The same; null where there is nothing. */
export const jsonOrNone = (value, name) => (isNothing(value) ? null : jsonOf(value, name));

// No host gives less than nothing, in a signed number neither.
const highest = {
  int32_t: 2n ** 31n - 1n, uint32_t: 2n ** 32n - 1n, int64_t: 2n ** 63n - 1n, uint64_t: 2n ** 64n - 1n, size_t: 2n ** 64n - 1n,
};
export const isInteger = (type) => type in highest;

/** The whole number, of a type of C. */
export function integerOf(value, type, name) {
  const high = highest[type];
  if (typeof value === 'bigint' ? value >= 0n && value <= high : Number.isSafeInteger(value) && value >= 0 && value <= high) return value;
  const isLarge = Number.isInteger(value) && value > Number.MAX_SAFE_INTEGER;
  const is = typeof value === 'number' || typeof value === 'bigint' ? value : kindOf(value);
  throw refused(`${name}: must be a whole number from 0 to ${high}${isLarge ? ', one so large as a BigInt' : ''}; it is ${is}`);
}

/** What a variable's value is as a text: `true` is "true", 42 is "42". */
export function variableOf(value, name) {
  if (typeof value === 'boolean' || Number.isFinite(value)) return String(value);
  if (typeof value === 'string') return textOf(value, name);
  throw refused(`${name}: must be a string, a finite number or a boolean; it is ${typeof value === 'number' ? value : kindOf(value)}`);
}

/** The names and values of an object that is no list, date, promise or the like. */
export function entriesOf(values, name) {
  const isPlain = Object.prototype.toString.call(values) === '[object Object]' && !(Symbol.iterator in values);
  if (!isPlain) {
    throw refused(`${name}: must be an object, of names and values`);
  }
  return Object.entries(values);
}

/** name, value, ..., NULL, for C; null for nothing. `valueOf` gives a value's text. */
export function pairsOf(values, name, valueOf = textOf) {
  if (isNothing(values)) return null;
  return [...entriesOf(values, name).flatMap(([key, value]) => [textOf(key, name), valueOf(value, `${name}.${key}`)]), null];
}

/** Texts, ..., NULL, for C; null for nothing. */
export function listOf(values, name) {
  if (isNothing(values)) return null;
  return [...arrayOf(values, name).map((value, at) => textOf(value, `${name}[${at}]`)), null];
}

export function arrayOf(values, name) {
  if (!Array.isArray(values)) throw refused(`${name}: must be an array; it is ${kindOf(values)}`);
  return values;
}
