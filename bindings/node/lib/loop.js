// Runs an engine on Node's own loop: polls when the pipe of the engine is readable, and settles what got something.
import { constants, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { errorOf } from './errors.js';
import { CLOSED, TIMEOUT, WRONG_STATE, fallible, plain, takeText } from './native.js';
import { notAborted } from './signals.js';

const pollEngine = fallible('scena_engine_poll', ['void *', 'int64_t']);
const nextDeadline = plain('int64_t scena_engine_next_deadline(void *)');
const waitFd = plain('int scena_engine_wait_fd(void *)');
const beginClose = plain('int32_t scena_engine_begin_close(void *)');
const takeReady = plain('size_t scena_engine_take_ready(void *, uint64_t *, size_t)');
const pendingWait = fallible('scena_pending_wait', ['void *', 'int64_t', '_Out_ void **'], [TIMEOUT]);
const pendingWatch = fallible('scena_pending_watch', ['void *', 'uint64_t']);
const pendingDestroy = plain('void scena_pending_destroy(void *)');
const pendingCancel = plain('void scena_pending_cancel(void *)');
const budgetUs = 2000;
const load = createRequire(import.meta.url); // when the first engine is made: importing stays quick

/** Calls `look` whenever the pipe got something. A copy of its end, which the socket may read and close as it likes. */
export function watchPipe(end, look) {
  const fd = openSync(`/proc/self/fd/${end}`, constants.O_RDONLY | constants.O_NONBLOCK);
  const { Socket } = load('node:net');
  const pipe = new Socket({ fd, readable: true, writable: false });
  pipe.on('data', look);
  return pipe;
}

export class Loop {
  #engine;
  #logs;
  #pipe;
  #waiting = new Map(); // tag: the waiters that look when it is ready
  #count = 0;
  #lastTag = 0;
  #ready = new BigUint64Array(256);
  #again = false;
  #ending = false;
  #closed = false;

  constructor(engine, logs) {
    this.#engine = engine;
    this.#logs = logs;
    this.#pipe = watchPipe(waitFd(engine), () => this.#run());
    this.#pipe.unref();
  }

  /** A number for handles to be watched with: scena_..._watch(handle, tag). */
  newTag() {
    return ++this.#lastTag;
  }

  /**
   * A promise for what `look()` gives: undefined means "not yet", what it throws rejects. Looked at now, and whenever
   * a handle watched with `tag` got something. Only promises that are waited for keep the process alive, an idle
   * engine does not.
   */
  until(tag, look, signal) {
    return new Promise((resolve, reject) => {
      const waiter = { tag, look, resolve, reject };
      if (signal) {
        if (signal.aborted) return reject(signal.reason);
        const onAbort = () => {
          this.#remove(waiter);
          reject(signal.reason);
        };
        signal.addEventListener('abort', onAbort, { once: true });
        waiter.release = () => signal.removeEventListener('abort', onAbort);
      }
      if (!this.#waiting.has(tag)) this.#waiting.set(tag, new Set());
      this.#waiting.get(tag).add(waiter);
      if (++this.#count === 1) this.#pipe.ref();
      this.#settle(waiter);
      if (this.#closed && this.#waiting.get(tag)?.has(waiter)) this.#giveUp(waiter);
    });
  }

  /** The answer of a queued command, from the handle that `queueIt(out)` gives; an abort ends the waiting, or the call. */
  async answer(queueIt, { signal: given, stops = false } = {}) {
    const signal = notAborted(given);
    const out = [null];
    queueIt(out);
    const [handle] = out;
    const tag = this.newTag();
    const stop = () => pendingCancel(handle);
    if (stops) signal?.addEventListener('abort', stop, { once: true });
    try {
      pendingWatch(handle, tag);
      return await this.until(tag, () => {
        const text = [null];
        return pendingWait(handle, 0, text) === TIMEOUT ? undefined : JSON.parse(takeText(text[0]));
      }, stops ? undefined : signal);
    } finally {
      if (stops) signal?.removeEventListener('abort', stop);
      pendingDestroy(handle);
    }
  }

  /** Settles what got something: after each poll, and after calls that run the engine's loop themselves. */
  tell() {
    let taken;
    do {
      taken = Number(takeReady(this.#engine, this.#ready, this.#ready.length));
      for (const tag of this.#ready.subarray(0, taken)) {
        for (const waiter of [...this.#waiting.get(Number(tag)) ?? []]) this.#settle(waiter);
      }
    } while (taken === this.#ready.length);
    this.#logs?.tell();
  }

  /** Carries on what the engine's closing has to end, until no function of the host is called any more. */
  async end() {
    // Inside a function that the engine calls: behind that.
    while (beginClose(this.#engine) === WRONG_STATE) await new Promise((resolve) => { setImmediate(resolve); });
    this.#ending = true;
    while (!this.#closed && this.#endSome()) await new Promise((resolve) => { setTimeout(resolve, 1); });
  }

  #endSome() {
    try {
      pollEngine(this.#engine, budgetUs);
    } catch (error) {
      if (error.code === 'closed') return false;
      throw error;
    } finally {
      this.tell();
    }
    return true;
  }

  close() {
    if (this.#closed) return;
    this.#closed = true;
    for (const waiter of [...this.#waiting.values()].flatMap((waiters) => [...waiters])) {
      this.#settle(waiter);
      if (this.#waiting.get(waiter.tag)?.has(waiter)) this.#giveUp(waiter);
    }
    this.#pipe.destroy();
    this.#logs?.tell();
  }

  #giveUp(waiter) {
    this.#remove(waiter);
    waiter.reject(errorOf(CLOSED, 'the engine was closed'));
  }

  #remove(waiter) {
    const waiters = this.#waiting.get(waiter.tag);
    if (!waiters?.delete(waiter)) return;
    if (waiters.size === 0) this.#waiting.delete(waiter.tag);
    waiter.release?.();
    if (--this.#count === 0) this.#pipe.unref();
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
    if (this.#closed || this.#ending) return;
    pollEngine(this.#engine, budgetUs);
    this.tell();
    // What a poll left over gets its turn after the other work of Node's loop.
    if (this.#again || this.#closed || this.#ending || Number(nextDeadline(this.#engine)) !== 0) return;
    this.#again = true;
    setImmediate(() => {
      this.#again = false;
      this.#run();
    });
  }
}
