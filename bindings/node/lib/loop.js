// Runs an engine on Node's own loop: polls when the pipe of the engine is readable, and settles what got something.
import { constants, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { errorOf } from './errors.js';
import { CLOSED, TIMEOUT, WRONG_STATE, fallible, plain, takeText } from './native.js';
import { notAborted, onAbort } from './signals.js';

const pollEngine = fallible('scena_engine_poll', ['void *', 'int64_t']);
const advance = fallible('scena_engine_advance', ['void *', 'int64_t']);
const nextDeadline = plain('int64_t scena_engine_next_deadline(void *)');
const waitFd = plain('int scena_engine_wait_fd(void *)');
const beginClose = plain('int32_t scena_engine_begin_close(void *)');
const takeReady = plain('size_t scena_engine_take_ready(void *, uint64_t *, size_t)');
const pendingWait = fallible('scena_pending_wait', ['void *', 'int64_t', '_Out_ void **'], [TIMEOUT]);
const pendingWatch = fallible('scena_pending_watch', ['void *', 'uint64_t']);
const pendingDestroy = plain('void scena_pending_destroy(void *)');
const pendingCancel = plain('void scena_pending_cancel(void *)');
const budgetUs = 2000;
const slice = 64; // looks in one turn of Node's loop: some hundred microseconds; the others wait for the next turn
const longestTimerMs = 2 ** 31 - 1;
const late = () => errorOf(TIMEOUT, 'the engine was not idle in time; what is under way goes on');
const eachPoll = 0; // the tag of those who look after every poll
const immediate = () => new Promise((resolve) => { setImmediate(resolve); });
const moment = () => new Promise((resolve) => { setTimeout(resolve, 1); });
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
  #host;
  #pipe;
  #waiting = new Map(); // tag: the waiters that look when it is ready
  #due = new Set(); // the waiters whose turn it is to look, first come first served
  #left = slice;
  #refilling = false;
  #count = 0;
  #lastTag = 0;
  #ready = new BigUint64Array(256);
  #planned = false;
  #ending = false;
  #closed = false;

  constructor(engine, host) {
    this.#engine = engine;
    this.#host = host;
    this.#pipe = watchPipe(waitFd(engine.native), () => this.#plan());
    this.#pipe.unref();
  }

  /** A number for handles to be watched with: scena_..._watch(handle, tag). */
  newTag() {
    return ++this.#lastTag;
  }

  /**
   * A promise for what `look()` gives: undefined means "not yet", what it throws rejects. Looked at now, and whenever
   * a handle watched with `tag` got something; where many have something at once, a slice in each turn of Node's loop.
   * Only promises that are waited for keep the process alive, an idle engine does not.
   */
  until(tag, look, signal) {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const waiter = { tag, look };
    // As long as nobody waits for a turn, what is there already needs no waiter.
    if (this.#closed || this.#due.size > 0 || this.#left === 0) return this.#wait(waiter, signal, true);
    this.#left -= 1;
    try {
      const found = look();
      return found === undefined ? this.#wait(waiter, signal, false) : Promise.resolve(found);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Calls `look()` as until() does, from the next time on, and keeps no process alive for it. */
  watch(tag, look) {
    const nothing = () => {};
    this.#add({ tag, look, isQuiet: true, resolve: nothing, reject: nothing });
  }

  /** Lets those look now who wait for this. */
  lookAgain(tag) {
    if (this.#closed) return;
    this.#call(tag);
    this.#serve();
  }

  #add(waiter) {
    if (!this.#waiting.has(waiter.tag)) this.#waiting.set(waiter.tag, new Set());
    this.#waiting.get(waiter.tag).add(waiter);
    if (!waiter.isQuiet && ++this.#count === 1) this.#pipe.ref();
  }

  /** `isDue`: it has not looked yet. */
  #wait(waiter, signal, isDue) {
    return new Promise((resolve, reject) => {
      Object.assign(waiter, { resolve, reject });
      waiter.release = onAbort(signal, () => {
        this.#remove(waiter);
        reject(signal.reason);
      });
      this.#add(waiter);
      if (this.#closed) {
        this.#settleForGood(waiter);
      } else if (isDue) {
        this.#due.add(waiter);
        this.#serve();
      }
    });
  }

  /** The answer of a queued command, from the handle that `queueIt(out)` gives; an abort ends the waiting, or the call. */
  async answer(queueIt, { signal: given, stops = false } = {}) {
    const signal = notAborted(given);
    const out = [null];
    queueIt(out);
    const [handle] = out;
    const tag = this.newTag();
    const release = onAbort(stops ? signal : undefined, () => pendingCancel(handle));
    try {
      pendingWatch(handle, tag);
      return await this.until(tag, () => {
        const text = [null];
        return pendingWait(handle, 0, text) === TIMEOUT ? undefined : JSON.parse(takeText(text[0]));
      }, stops ? undefined : signal);
    } finally {
      release();
      pendingDestroy(handle);
    }
  }

  /** Settles what got something: after each poll, and after calls that run the engine's loop themselves. */
  tell() {
    if (this.#closed) return; // by a listener, in a poll that was under way
    let taken;
    do {
      taken = Number(takeReady(this.#engine.native, this.#ready, this.#ready.length));
      for (const tag of this.#ready.subarray(0, taken)) {
        this.#call(Number(tag));
      }
    } while (taken === this.#ready.length);
    this.#call(eachPoll);
    this.#serve();
    this.#host.logs?.tell();
  }

  /**
   * Resolves when `isIdle()`, which is asked after every poll. On the virtual clock time goes on to the next timer as soon
   * as nothing else can: no function of the host is at work. Rejects when
   * that took longer than `limitUs`, of virtual time or, while that stands still, of real time.
   */
  async untilIdle(isIdle, { isVirtual, signal: given, limitUs }) {
    const signal = notAborted(given);
    if (!isVirtual) {
      await this.#untilIdleIn(isIdle, signal, limitUs);
      return;
    }
    let allowed = limitUs ?? Infinity;
    while (!isIdle()) {
      this.#pollAndTell();
      await immediate();
      notAborted(signal);
      if (isIdle()) break;
      const left = this.#host.isAtWork ? -1 : Number(nextDeadline(this.#engine.native));
      if (left === 0) continue;
      if (allowed <= 0) throw late();
      const step = left < 0 ? 1000 : Math.min(Math.ceil(left / 1000), allowed);
      if (left < 0) await moment(); // something that is not ours to hurry: a function, a disk, a network
      else advance(this.#engine.native, step);
      allowed -= step;
    }
    this.tell();
  }

  async #untilIdleIn(isIdle, signal, limitUs) {
    const ending = new AbortController();
    const release = onAbort(signal, () => ending.abort(signal.reason));
    const isLimited = limitUs !== undefined && limitUs / 1000 <= longestTimerMs;
    const timer = isLimited ? setTimeout(() => ending.abort(late()), limitUs / 1000) : undefined;
    try {
      await this.until(eachPoll, () => isIdle() || undefined, ending.signal);
    } finally {
      clearTimeout(timer);
      release();
    }
  }

  /** Carries on what the engine's closing has to end, until no function of the host is called any more. */
  async end() {
    // Inside a function that the engine calls: behind that.
    while (!this.#closed && beginClose(this.#engine.native) === WRONG_STATE) await immediate();
    this.#ending = true;
    while (!this.#closed && this.#endSome()) await moment();
  }

  #endSome() {
    try {
      pollEngine(this.#engine.native, budgetUs);
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
    for (const waiter of [...this.#waiting.values()].flatMap((waiters) => [...waiters])) this.#settleForGood(waiter);
    this.#pipe.destroy();
    this.#host.logs?.tell();
  }

  /** It is the turn of those who wait for this. */
  #call(tag) {
    for (const waiter of this.#waiting.get(tag) ?? []) this.#due.add(waiter);
  }

  /** Lets those look whose turn it is, as many as this turn of Node's loop has left. */
  #serve() {
    for (const waiter of this.#due) {
      if (this.#left === 0) {
        this.#refill();
        return;
      }
      this.#left -= 1;
      this.#due.delete(waiter);
      this.#settle(waiter);
    }
  }

  #refill() {
    if (this.#refilling) return;
    this.#refilling = true;
    setImmediate(() => {
      this.#refilling = false;
      this.#left = slice;
      this.#serve();
    });
  }

  #settleForGood(waiter) {
    this.#settle(waiter);
    if (!this.#waiting.get(waiter.tag)?.has(waiter)) return;
    this.#remove(waiter);
    waiter.reject(errorOf(CLOSED, 'the engine was closed'));
  }

  #remove(waiter) {
    this.#due.delete(waiter);
    const waiters = this.#waiting.get(waiter.tag);
    if (!waiters?.delete(waiter)) return;
    if (waiters.size === 0) this.#waiting.delete(waiter.tag);
    waiter.release?.();
    if (!waiter.isQuiet && --this.#count === 0) this.#pipe.unref();
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

  #pollAndTell() {
    pollEngine(this.#engine.native, budgetUs);
    this.tell();
  }

  /** One poll in each turn of Node's loop, whatever asks for it: behind the other work of that turn. */
  #plan() {
    if (this.#planned) return;
    this.#planned = true;
    setImmediate(() => {
      this.#planned = false;
      this.#run();
    });
  }

  #run() {
    if (this.#closed || this.#ending) return;
    this.#pollAndTell();
    // What a poll left over gets its turn after the other work of Node's loop.
    if (!this.#closed && !this.#ending && Number(nextDeadline(this.#engine.native)) === 0) this.#plan();
  }
}
