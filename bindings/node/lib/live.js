// What hears a reply of a model service while it comes.
import { forget, struct, table } from './native.js';
import { notAborted, onAbort } from './signals.js';

/**
 * The answer of `ask(table, signal)`, whose text goes to `onText`; the table is null where nobody listens. What `onText`
 * throws ends the listening and the call, and is what this rejects with; so does a promise of its that rejects.
 */
export async function heard(onText, given, ask) {
  const signal = notAborted(given);
  if (onText === undefined) return ask(null, signal);
  const ending = new AbortController();
  const end = () => ending.abort();
  let failure;
  const fail = (error) => {
    failure ??= { error };
    end();
  };
  const hear = (text) => {
    if (failure !== undefined) return;
    try {
      const answer = onText(text);
      if (typeof answer?.then === 'function') answer.then(undefined, fail);
    } catch (error) {
      fail(error);
    }
  };
  const made = table('scena_live', { text: hear });
  const release = onAbort(signal, end);
  try {
    const answer = await ask(struct('scena_live', made), ending.signal);
    if (failure === undefined) return answer;
  } catch (error) {
    failure ??= { error };
  } finally {
    release();
    forget(made);
  }
  throw failure.error;
}
