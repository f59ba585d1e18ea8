// What hears a reply outside of a session while it comes.
import { struct, table } from './native.js';

/** Calls `use(table)` with one whose text goes to `onText`; with null where nobody listens. */
export function live(onText, use) {
  if (onText === undefined) return use(null);
  return use(struct('scena_live', table('scena_live', { text: (text) => onText(text) })));
}
