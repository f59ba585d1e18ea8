import { randomUUID } from 'node:crypto';
import { CLOSED, OK, TIMEOUT, fallible, pairs, plain, struct, takeText } from './native.js';

const create = fallible('scena_session_create', ['void *', 'const char *', 'scena_session_options *', '_Out_ void **']);
const sessionId = plain('const char *scena_session_id(void *)');
const destroySession = plain('void scena_session_destroy(void *)');
const info = fallible('scena_session_info', ['void *', '_Out_ void **']);
const state = fallible('scena_session_state', ['void *', '_Out_ void **']);
const cancelSession = plain('void scena_session_cancel(void *)');
const sendOptions = 'scena_send_options *';
const send = fallible('scena_session_send', ['void *', sendOptions, 'const char *', 'size_t', '_Out_ void **']);
const edit = fallible('scena_session_edit', ['void *', sendOptions, 'const char *', 'const char *', 'size_t', '_Out_ void **']);
const replies = Object.fromEntries(['prompt', 'regenerate', 'continue_reply'].map((name) => [name,
  fallible(`scena_session_${name}`, ['void *', sendOptions, '_Out_ void **'])]));
const command = (name, ...types) => fallible(`scena_session_${name}`,
  ['void *', ...types, 'const char *', '_Out_ void **']);
const steps = Object.fromEntries(['start', 'pause', 'resume', 'complete', 'fail', 'undo', 'remove']
  .map((name) => [name, command(name)]));
const choose = command('choose', 'const char *');
const setVariable = command('set_variable', 'const char *', 'const char *');
const annotate = command('annotate', 'const char *', 'const char *');
const run = command('run', 'uint32_t');
const askAside = command('ask_aside', 'const char *', 'const char *', 'size_t', 'const char *');
const fork = command('fork', 'const char *');
const pendingWait = fallible('scena_pending_wait', ['void *', 'int64_t', '_Out_ void **'], [TIMEOUT]);
const pendingDestroy = plain('void scena_pending_destroy(void *)');
const openEvents = fallible('scena_session_events', ['void *', 'scena_events_options *', '_Out_ void **']);
const nextEvent = fallible('scena_events_next', ['void *', 'int64_t', '_Inout_ scena_event *'], [TIMEOUT, CLOSED]);
const destroyEvents = plain('void scena_events_destroy(void *)');
const turnResult = fallible('scena_turn_result', ['void *', '_Out_ void **'], [TIMEOUT]);
const turnWait = fallible('scena_turn_wait', ['void *', 'int64_t'], [TIMEOUT]);
const cancelTurn = plain('void scena_turn_cancel(void *)');
const destroyTurn = plain('void scena_turn_destroy(void *)');

// Handles go with their last JavaScript value; the sessions and turns themselves go on.
const forgotten = new FinalizationRegistry((release) => release());
const batches = 1;

export function createSession(engine, preset, options) {
  const out = [null];
  create(engine, preset, struct('scena_session_options', {
    seed: options.seed, id: options.id, owner: options.owner, title: options.title, provider: options.provider,
    model: options.model, command_id: options.commandId, variables: pairs(options.variables),
    labels: pairs(options.labels), played_by: pairs(options.playedBy),
  }), out);
  return out[0];
}

/** A viewer's queue: `take()` gives an event, undefined when there is none now, null when none can come any more. */
class Queue {
  #session;
  #options;
  #handle = null;

  constructor(session, { after, participant, merge }) {
    this.#session = session;
    this.#options = { participant, flags: merge ? batches : 0 };
    this.#open(after);
  }

  #open(after) {
    const out = [null];
    openEvents(this.#session.native, struct('scena_events_options', { ...this.#options, after }), out);
    this.#handle = out[0];
    forgotten.register(this, () => destroyEvents(out[0]), this);
  }

  take() {
    if (this.#handle === null) return null;
    const event = struct('scena_event');
    const status = nextEvent(this.#handle, 0, event);
    if (status !== OK) return status === CLOSED ? null : undefined;
    if (event.type !== 'lagged') return Object.assign(JSON.parse(event.json), { cursor: event.cursor });
    // A slow reader misses nothing: it goes on where its queue ended.
    this.close();
    this.#open(event.cursor);
    return this.take();
  }

  close() {
    if (this.#handle === null) return;
    forgotten.unregister(this);
    destroyEvents(this.#handle);
    this.#handle = null;
  }
}

export class Session {
  #loop;
  #handle;
  #owner;

  constructor(loop, handle) {
    this.#loop = loop;
    this.#handle = handle;
    this.#owner = { native: handle };
    this.id = sessionId(handle);
    // Not before its queues are gone, too: they open a new one when a reader was too slow.
    forgotten.register(this.#owner, () => destroySession(handle));
  }

  info() {
    return JSON.parse(this.#text(info));
  }

  state() {
    return JSON.parse(this.#text(state));
  }

  send(text, options = {}) {
    return this.#turn(options, (native, out) => send(this.#handle, native, text, Buffer.byteLength(text), out));
  }

  edit(message, text, options = {}) {
    return this.#turn(options,
      (native, out) => edit(this.#handle, native, message, text, Buffer.byteLength(text), out));
  }

  prompt(options = {}) {
    return this.#turn(options, (native, out) => replies.prompt(this.#handle, native, out));
  }

  regenerate(options = {}) {
    return this.#turn(options, (native, out) => replies.regenerate(this.#handle, native, out));
  }

  continueReply(options = {}) {
    return this.#turn(options, (native, out) => replies.continue_reply(this.#handle, native, out));
  }

  cancel() {
    cancelSession(this.#handle);
  }

  start(options) {
    return this.#command(steps.start, options);
  }

  pause(options) {
    return this.#command(steps.pause, options);
  }

  resume(options) {
    return this.#command(steps.resume, options);
  }

  complete(options) {
    return this.#command(steps.complete, options);
  }

  fail(options) {
    return this.#command(steps.fail, options);
  }

  undo(options) {
    return this.#command(steps.undo, options);
  }

  remove(options) {
    return this.#command(steps.remove, options);
  }

  choose(message, options) {
    return this.#command(choose, options, message);
  }

  setVariable(name, value, options) {
    return this.#command(setVariable, options, name, String(value));
  }

  annotate(name, data, options) {
    return this.#command(annotate, options, name, JSON.stringify(data));
  }

  run({ maxTurns = 0, ...options } = {}) {
    return this.#command(run, options, maxTurns);
  }

  askAside(character, question, { schema, ...options } = {}) {
    return this.#command(askAside, options, character, question, Buffer.byteLength(question),
      schema === undefined ? null : JSON.stringify(schema));
  }

  /** Resolves with the id of the new session, for Engine.session(). */
  async fork({ message = null, ...options } = {}) {
    return (await this.#command(fork, options, message)).id;
  }

  async *events({ signal, ...options } = {}) {
    const queue = new Queue(this.#owner, options);
    try {
      for (;;) {
        const event = await this.#loop.until(() => queue.take(), signal);
        if (event === null) return;
        yield event;
      }
    } finally {
      queue.close();
    }
  }

  #text(ask) {
    const out = [null];
    ask(this.#handle, out);
    return takeText(out[0]);
  }

  #turn({ signal, ...options }, start) {
    signal?.throwIfAborted();
    const commandId = options.commandId ?? randomUUID();
    const queue = new Queue(this.#owner, { after: 'live', merge: true });
    const out = [null];
    try {
      start(struct('scena_send_options', {
        deadline_ms: options.deadlineMs, participant: options.participant, command_id: commandId,
        character: options.character, model: options.model,
      }), out);
    } catch (error) {
      queue.close();
      throw error;
    }
    return new Turn(this.#loop, out[0], queue, commandId, signal);
  }

  async #command(queueIt, { commandId = null, signal } = {}, ...args) {
    signal?.throwIfAborted();
    const out = [null];
    queueIt(this.#handle, ...args, commandId, out);
    try {
      return await this.#loop.until(() => {
        const text = [null];
        if (pendingWait(out[0], 0, text) === TIMEOUT) return undefined;
        return JSON.parse(takeText(text[0]));
      }, signal);
    } finally {
      pendingDestroy(out[0]);
    }
  }
}

export class Turn {
  #loop;
  #handle;
  #queue;
  #commandId;
  #result;

  constructor(loop, handle, queue, commandId, signal) {
    this.#loop = loop;
    this.#handle = handle;
    this.#queue = queue;
    this.#commandId = commandId;
    forgotten.register(this, () => destroyTurn(handle));
    if (signal) this.#cancelOn(signal);
  }

  /** How the turn ended; rejects with what the message was refused with. */
  result() {
    this.#result ??= this.#loop.until(() => {
      const text = [null];
      return turnResult(this.#handle, text) === TIMEOUT ? undefined : JSON.parse(takeText(text[0]));
    });
    return this.#result;
  }

  cancel() {
    cancelTurn(this.#handle);
  }

  /** The reply's text, piece by piece; read once. Throws what the message was refused with. */
  async *[Symbol.asyncIterator]() {
    let turn;
    try {
      for (;;) {
        const event = await this.#loop.until(() => this.#look(turn));
        if (event === null) break;
        if (event.type === 'turn.started' && event.cause === this.#commandId) turn = event.data.turn;
        if (turn === undefined || event.data?.turn !== turn) continue;
        if (event.type === 'turn.finished') return;
        if (event.type === 'delta') yield event.data.text;
      }
    } finally {
      this.#queue.close();
    }
    // A command that was given before started nothing now: its reply is there as a whole.
    if (turn === undefined) yield (await this.result()).text;
  }

  #look(turn) {
    const event = this.#queue.take();
    if (event !== undefined) return event;
    return turnWait(this.#handle, 0) === OK && turn === undefined ? null : undefined;
  }

  #cancelOn(signal) {
    const stop = () => this.cancel();
    signal.addEventListener('abort', stop, { once: true });
    this.result().catch(() => {}).finally(() => signal.removeEventListener('abort', stop));
  }
}
