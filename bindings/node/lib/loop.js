// Runs an engine on Node's own loop: polls when the pipe of the engine is readable, and settles what was waited for.
import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { ScenaError } from './errors.js';
import { CLOSED, fallible, plain } from './native.js';

const pollEngine = fallible('scena_engine_poll', ['void *', 'int64_t']);
const nextDeadline = plain('int64_t scena_engine_next_deadline(void *)');
const waitFd = plain('int scena_engine_wait_fd(void *)');
const budgetUs = 2000;

export class Loop {
  #engine;
  #pipe;
  #waiting = new Set();
  #again = false;
  #closed = false;

  constructor(engine) {
    this.#engine = engine;
    // A copy of the pipe's end, which the socket may read and close as it likes.
    const fd = openSync(`/proc/self/fd/${waitFd(engine)}`, constants.O_RDONLY | constants.O_NONBLOCK);
    this.#pipe = new Socket({ fd, readable: true, writable: false });
    this.#pipe.on('data', () => this.#run());
    this.#pipe.unref();
  }

  /**
   * A promise for what `look()` gives: undefined means "not yet", what it throws rejects. Looked at now and after every
   * poll. Only promises that are waited for keep the process alive, an idle engine does not.
   */
  until(look, signal) {
    return new Promise((resolve, reject) => {
      const waiter = { look, resolve, reject };
      if (signal) {
        if (signal.aborted) return reject(signal.reason);
        const onAbort = () => {
          this.#remove(waiter);
          reject(signal.reason);
        };
        signal.addEventListener('abort', onAbort, { once: true });
        waiter.release = () => signal.removeEventListener('abort', onAbort);
      }
      this.#waiting.add(waiter);
      this.#pipe.ref();
      this.#settle(waiter);
    });
  }

  close() {
    if (this.#closed) return;
    this.#closed = true;
    for (const waiter of [...this.#waiting]) {
      this.#settle(waiter);
      if (!this.#waiting.has(waiter)) continue;
      this.#remove(waiter);
      waiter.reject(new ScenaError(CLOSED, 'the engine was closed', '', undefined));
    }
    this.#pipe.destroy();
  }

  #remove(waiter) {
    this.#waiting.delete(waiter);
    waiter.release?.();
    if (this.#waiting.size === 0) this.#pipe.unref();
  }

  #settle(waiter) {
    try {
      const found = waiter.look();
      if (found === undefined) return;
      this.#remove(waiter);
      waiter.resolve(found);
    } catch (error) {
      this.#remove(waiter);
      waiter.reject(error);
    }
  }

  #run() {
    if (this.#closed) return;
    pollEngine(this.#engine, budgetUs);
    for (const waiter of [...this.#waiting]) this.#settle(waiter);
    // What a poll left over gets its turn after the other work of Node's loop.
    if (this.#again || this.#closed || Number(nextDeadline(this.#engine)) !== 0) return;
    this.#again = true;
    setImmediate(() => {
      this.#again = false;
      this.#run();
    });
  }
}
