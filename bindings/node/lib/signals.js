// The AbortSignals that a host gives: whoever takes one begins nothing when it was aborted before.
import { refused } from './errors.js';
import { isNothing } from './given.js';
import { optionsOf } from './options.js';

/** The signal, undefined where there is none. */
export function signalOf(given) {
  if (isNothing(given)) return undefined;
  if (typeof given.aborted === 'boolean' && typeof given.addEventListener === 'function') return given;
  throw refused('signal: must be an AbortSignal');
}

/** The same; throws its reason when it was aborted already. */
export function notAborted(given) {
  const signal = signalOf(given);
  if (signal?.aborted) throw signal.reason;
  return signal;
}

/** What the options of a call have where they have nothing else. */
export const signalIn = (options) => optionsOf(options, ['signal']).signal;

/** What `begin()` resolves with. An abort ends the waiting alone: what was begun goes on. */
export async function unlessAborted(given, begin) {
  const signal = notAborted(given);
  if (signal === undefined) return begin();
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    begin().then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
