// Log lines for a function in JavaScript. They wait in the library and are read between two calls of it.
import { TIMEOUT, CLOSED, fallible, memoryFor, plain } from './native.js';

const open = fallible('scena_extensions_open_logs', ['void *', 'size_t', 'size_t', '_Out_ void **']);
const next = fallible('scena_logs_next', ['void *', 'int64_t', 'scena_log_line *'], [TIMEOUT, CLOSED]);
const destroy = plain('void scena_logs_destroy(void *)');
const mostAtOnce = 1000; // what comes meanwhile from the engine's other threads waits for the next poll
let line;

export class Logs {
  #handle;
  #onLog;
  #telling = false;

  constructor(extensions, onLog) {
    const out = [null];
    open(extensions, 0, 0, out);
    this.#handle = out[0];
    this.#onLog = onLog;
    setImmediate(() => this.tell()); // what was written while the engine was made
  }

  /** Hands on what waits: never while it does so already, whatever `onLog` calls. What that throws is dropped. */
  tell() {
    if (this.#telling || this.#handle === null) return;
    this.#telling = true;
    line ??= memoryFor('scena_log_line');
    for (let told = 0; told < mostAtOnce && next(this.#handle, 0, line.memory) === 0; ++told) {
      const { json, dropped } = line.read();
      try {
        const answer = this.#onLog({ ...JSON.parse(json), dropped: Number(dropped) });
        if (typeof answer?.then === 'function') answer.then(undefined, () => {});
      } catch {
        // The host's own log must not end its conversations.
      }
      if (this.#handle === null) break;
    }
    this.#telling = false;
  }

  destroy() {
    if (this.#handle !== null) destroy(this.#handle);
    this.#handle = null;
    this.#onLog = undefined; // it may know the engine
  }
}
