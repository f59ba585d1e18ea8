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

// Of each signal that calls wait for, its one listener: Node warns of a signal with more than ten, and a server may have one
// for hundreds of calls.
const listeners = new WeakMap();

class Listener {
  #signal;
  #entries = new Set();
  #call = () => {
    for (const { end } of this.#entries) end();
  };

  constructor(signal) {
    this.#signal = signal;
  }

  add(end) {
    if (this.#entries.size === 0) this.#signal.addEventListener('abort', this.#call, { once: true });
    const entry = { end };
    this.#entries.add(entry);
    return () => {
      if (this.#entries.delete(entry) && this.#entries.size === 0) this.#signal.removeEventListener('abort', this.#call);
    };
  }
}

/** Calls `end`, which must not throw, when the signal (undefined: none) is aborted. Returns what takes that back. */
export function onAbort(signal, end) {
  if (signal === undefined) return () => {};
  if (!listeners.has(signal)) listeners.set(signal, new Listener(signal));
  return listeners.get(signal).add(end);
}

/** What the options of a call have where they have nothing else. */
export const signalIn = (options) => optionsOf(options, ['signal']).signal;

/** What `begin()` resolves with. An abort ends the waiting alone: what was begun goes on. */
export async function unlessAborted(given, begin) {
  const signal = notAborted(given);
  if (signal === undefined) return begin();
  return new Promise((resolve, reject) => {
    const release = onAbort(signal, () => reject(signal.reason));
    begin().then(resolve, reject).finally(release);
  });
}
