import { errorIn, errorOf, numberOf, refused } from './errors.js';
import { bytesOf, entriesOf, jsonOf, jsonOrNone, listOf, pairsOf, variableOf } from './given.js';
import { CLOSED, OK, TIMEOUT, eventMemory, eventText, fallible, plain, struct, takeText } from './native.js';
import { optionsOf, refuseUnknown } from './options.js';
import { notAborted, onAbort, signalIn, signalOf, unlessAborted } from './signals.js';

const create = fallible('scena_session_create', ['void *', 'const char *preset', 'scena_session_options *', '_Out_ void **']);
const sessionId = plain('const char *scena_session_id(void *)');
const destroySession = plain('void scena_session_destroy(void *)');
const info = fallible('scena_session_info', ['void *', '_Out_ void **']);
const state = fallible('scena_session_state', ['void *', '_Out_ void **']);
const cancelSession = plain('void scena_session_cancel(void *)');
const sendOptions = 'scena_send_options *';
const send = fallible('scena_session_send', ['void *', sendOptions, 'const char *text', 'size_t', '_Out_ void **']);
const edit = fallible('scena_session_edit', ['void *', sendOptions, 'const char *message', 'const char *text', 'size_t', '_Out_ void **']);
const replies = Object.fromEntries(['prompt', 'regenerate', 'continue_reply'].map((name) => [name,
  fallible(`scena_session_${name}`, ['void *', sendOptions, '_Out_ void **'])]));
const command = (name, ...types) => fallible(`scena_session_${name}`,
  ['void *', ...types, 'const char *commandId?', '_Out_ void **']);
const steps = Object.fromEntries(['start', 'pause', 'resume', 'complete', 'fail', 'undo', 'remove', 'analyze']
  .map((name) => [name, command(name)]));
const choose = command('choose', 'const char *message');
const join = command('join', 'const char *participant');
const leave = command('leave', 'const char *participant');
const update = command('update', 'const char *changes');
const setVariable = command('set_variable', 'const char *name', 'const char *value');
const annotate = command('annotate', 'const char *name', 'const char *data');
const run = command('run', 'uint32_t maxTurns?');
const askAside = command('ask_aside', 'const char *character', 'const char *question', 'size_t', 'const char *schema?');
const nextQuestion = command('next_question', 'const char *character?', 'const char *model?');
const flagEscape = command('flag_escape', 'const char *participant?', 'const char *step?', 'const char *reason?');
const fork = command('fork', 'const char *message?');
const messages = fallible('scena_session_messages', ['void *', 'uint32_t', '_Out_ void **']);
const alternatives = fallible('scena_session_alternatives', ['void *', 'const char *message', '_Out_ void **']);
const analysis = fallible('scena_session_analysis', ['void *', '_Out_ void **']);
const explain = fallible('scena_session_explain', ['void *', 'const char *message', '_Out_ void **']);
const openEvents = fallible('scena_session_events', ['void *', 'scena_events_options *', '_Out_ void **']);
const nextEvent = fallible('scena_events_next', ['void *', 'int64_t', 'void *'], [TIMEOUT, CLOSED]);
const watchEvents = fallible('scena_events_watch', ['void *', 'uint64_t']);
const destroyEvents = plain('void scena_events_destroy(void *)');
const turnResult = fallible('scena_turn_result', ['void *', '_Out_ void **'], [TIMEOUT]);
const turnWait = fallible('scena_turn_wait', ['void *', 'int64_t'], [TIMEOUT]);
const turnId = plain('const char *scena_turn_id(void *)');
const turnAccepted = fallible('scena_turn_wait_accepted', ['void *', 'int64_t'], [TIMEOUT]);
const watchTurn = fallible('scena_turn_watch', ['void *', 'uint64_t']);
const cancelTurn = plain('void scena_turn_cancel(void *)');
const destroyTurn = plain('void scena_turn_destroy(void *)');

// Handles go with their last JavaScript value; the sessions and turns themselves go on.
const forgotten = new FinalizationRegistry((release) => release());
const ofReplies = { after: 'live', merge: true, texts: true, types: ['turn.started', 'delta', 'turn.finished'] };
const batches = 1;
const noDeltaJson = 2;
const noReply = 1;
const repairs = 2;
const all = 1;

// What each kind of call takes.
const ofSessions = ['id', 'owner', 'title', 'provider', 'model', 'seed', 'commandId', 'variables', 'labels', 'playedBy', 'retention',
  'retentionTtlMs'];
const ofMessages = ['commandId', 'participant', 'character', 'model', 'deadlineMs', 'audience', 'reply', 'schema', 'repair', 'signal'];
const ofCommands = ['commandId', 'signal'];
const ofViewers = ['after', 'participant', 'types', 'merge', 'maxEvents', 'maxBytes', 'signal'];

export function createSession(engine, preset, given) {
  const options = optionsOf(given, ofSessions);
  const out = [null];
  const ttl = options.retentionTtlMs;
  const native = struct('scena_session_options', {
    seed: options.seed, id: options.id, owner: options.owner, title: options.title, provider: options.provider,
    model: options.model, command_id: options.commandId, variables: pairsOf(options.variables, 'variables', variableOf),
    labels: pairsOf(options.labels, 'labels'), played_by: pairsOf(options.playedBy, 'playedBy'),
    retention: options.retention, retention_ttl_ms: ttl,
  });
  if (ttl === 0) native.retention_ttl_ms = -1; // 0 is what was left out
  create(engine, preset, native, out);
  return out[0];
}

/** How many bytes of the running text somebody has seen who reads on behind that cursor. */
const seenBytes = (cursor) => Number(cursor.split('.')[1] ?? 0);

/**
 * The generator, which calls `end()` when it is told to return or throw: one that has not begun would only be over then,
 * and one that waits would go on waiting.
 */
function ending(generator, end) {
  for (const name of ['return', 'throw']) {
    const own = generator[name];
    Object.defineProperty(generator, name, { value: (...given) => {
      end();
      return own.apply(generator, given);
    } });
  }
  return generator;
}

/** A viewer's queue. */
class Queue {
  /** Once a slow reader lost events: how much of the running text it has seen; deltas are in no store to read them from. */
  seen;
  #session;
  #tag;
  #options;
  #handle = null;
  #lagged; // the cursor behind which the next event is read anew

  constructor(session, tag, { after, participant, types, merge, texts, maxEvents, maxBytes }) {
    this.#session = session;
    this.#tag = tag;
    this.#options = {
      participant, flags: (merge ? batches : 0) | (texts ? noDeltaJson : 0), max_events: maxEvents, max_bytes: maxBytes,
      types: listOf(types, 'types'),
    };
    this.#open(after);
  }

  #open(after) {
    const out = [null];
    openEvents(this.#session.native, struct('scena_events_options', { ...this.#options, after }), out);
    this.#handle = out[0];
    forgotten.register(this, () => destroyEvents(out[0]), this);
    watchEvents(this.#handle, this.#tag);
  }

  /**
   * The type of the next event, the rest of which eventText() gives until the next one; undefined when there
   * is none now, null when none can come any more.
   */
  next() {
    if (this.#handle === null) return null;
    if (this.#lagged !== undefined) this.#reopen();
    const status = nextEvent(this.#handle, 0, eventMemory());
    if (status !== OK) return status === CLOSED ? null : undefined;
    const type = eventText('type');
    if (this.seen !== undefined && type === 'delta') this.seen = seenBytes(eventText('cursor'));
    if (type === 'lagged') {
      this.#lagged = eventText('cursor');
      this.seen = seenBytes(this.#lagged);
    }
    return type;
  }

  /** A slow reader goes on where its queue ended: every durable event comes, and of the running text what follows. */
  #reopen() {
    const after = this.#lagged;
    this.#lagged = undefined;
    this.close();
    this.#open(after);
  }

  /** The next event as an object, or what next() gives in its place. */
  take() {
    const type = this.next();
    if (typeof type !== 'string') return type;
    const json = eventText('json');
    const event = JSON.parse(json);
    event.cursor = eventText('cursor');
    return Object.defineProperty(event, 'json', { value: json });
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
  #handle; // its queues have it, too: they open a new one when a reader was too slow

  constructor(loop, handles, native) {
    this.#loop = loop;
    this.#handle = handles.own(native, destroySession);
    this.id = sessionId(native);
  }

  info() {
    return JSON.parse(this.#text(info));
  }

  state() {
    return JSON.parse(this.#text(state));
  }

  /** The messages of the chosen line, oldest first; with `all` also superseded ones. */
  messages(options) {
    const { all: superseded = false } = optionsOf(options, ['all']);
    return JSON.parse(this.#text(messages, superseded ? all : 0)).messages;
  }

  alternatives(message) {
    return JSON.parse(this.#text(alternatives, message)).messages;
  }

  explain(message) {
    return JSON.parse(this.#text(explain, message));
  }

  /** The analysis that closes the session; it is there after the event analysis.stored. */
  analysis() {
    const json = this.#text(analysis);
    return Object.defineProperty(JSON.parse(json), 'json', { value: json });
  }

  send(text, options) {
    return this.#turn(options, (native, out) => send(this.#handle.native, native, text, bytesOf(text), out));
  }

  edit(message, text, options) {
    return this.#turn(options,
      (native, out) => edit(this.#handle.native, native, message, text, bytesOf(text), out));
  }

  prompt(options) {
    return this.#turn(options, (native, out) => replies.prompt(this.#handle.native, native, out));
  }

  regenerate(options) {
    return this.#turn(options, (native, out) => replies.regenerate(this.#handle.native, native, out));
  }

  continueReply(options) {
    return this.#turn(options, (native, out) => replies.continue_reply(this.#handle.native, native, out),
      (message) => this.#bytesBefore(message));
  }

  cancel() {
    if (!this.#handle.isOver) cancelSession(this.#handle.native);
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

  /** Asks for the analysis of a completed session anew; resolves when it is queued. */
  analyze(options) {
    return this.#command(steps.analyze, options);
  }

  choose(message, options) {
    return this.#command(choose, options, message);
  }

  async join(participant, options) {
    entriesOf(participant, 'participant');
    refuseUnknown(participant, ['id', 'name', 'isHuman', 'subject'], 'participant.');
    const { id, name, isHuman, subject } = participant;
    return this.#command(join, options, jsonOf({ id, name, is_human: isHuman, subject }, 'participant'));
  }

  leave(participant, options) {
    return this.#command(leave, options, participant);
  }

  async update(changes, options) {
    return this.#command(update, options, jsonOf(changes, 'changes'));
  }

  async setVariable(name, value, options) {
    return this.#command(setVariable, options, name, variableOf(value, 'value'));
  }

  async annotate(name, data, options) {
    return this.#command(annotate, options, name, jsonOf(data, 'data'));
  }

  async run(options) {
    const { maxTurns = 0, ...others } = optionsOf(options, ['maxTurns', ...ofCommands]);
    return this.#command(run, others, maxTurns);
  }

  async askAside(character, question, options) {
    const { schema, ...others } = optionsOf(options, ['schema', ...ofCommands]);
    return this.#command(askAside, others, character, question, bytesOf(question), jsonOrNone(schema, 'schema'));
  }

  async nextQuestion(options) {
    const { character = null, model = null, ...others } = optionsOf(options, ['character', 'model', ...ofCommands]);
    return this.#command(nextQuestion, others, character, model);
  }

  async flagEscape(options) {
    const { participant = null, step = null, reason = null, ...others } =
      optionsOf(options, ['participant', 'step', 'reason', ...ofCommands]);
    return this.#command(flagEscape, others, participant, step, reason);
  }

  /** Resolves with the id of the new session, for Engine.session(). */
  async fork(options) {
    const { message = null, ...others } = optionsOf(options, ['message', ...ofCommands]);
    return (await this.#command(fork, others, message)).id;
  }

  events(given) {
    const { signal: toldBy, ...options } = optionsOf(given, ofViewers);
    const signal = signalOf(toldBy);
    const tag = this.#loop.newTag();
    const queue = new Queue(this.#handle, tag, options);
    return ending(this.#read(queue, tag, signal), () => this.#end(queue, tag));
  }

  #end(queue, tag) {
    queue.close();
    this.#loop.lookAgain(tag);
  }

  async *#read(queue, tag, signal) {
    try {
      for (;;) {
        const event = await this.#loop.until(tag, () => queue.take(), signal);
        if (event === null) return;
        yield event;
      }
    } finally {
      queue.close();
    }
  }

  #text(ask, ...args) {
    const out = [null];
    ask(this.#handle.native, ...args, out);
    return takeText(out[0]);
  }

  /** Of a continued reply, the text of which begins with the old one's: how long that is. */
  #bytesBefore(message) {
    if (message === undefined) return Infinity; // nothing new came
    const replies = this.alternatives(message);
    const { replaces } = replies.find(({ id }) => id === message);
    return bytesOf(replies.find(({ id }) => id === replaces).text);
  }

  #turn(given, start, bytesBefore = nothingBefore) {
    const options = optionsOf(given, ofMessages);
    if (options.deadlineMs === 0) throw refused("deadlineMs: must be above 0; left out it is the preset's own");
    const signal = notAborted(options.signal);
    const tag = this.#loop.newTag();
    const queue = new Queue(this.#handle, tag, ofReplies);
    const out = [null];
    try {
      start(struct('scena_send_options', {
        deadline_ms: options.deadlineMs, participant: options.participant, command_id: options.commandId,
        character: options.character, model: options.model, audience: listOf(options.audience, 'audience'),
        json_schema: jsonOrNone(options.schema, 'schema'),
        flags: (options.reply === false ? noReply : 0) | (options.repair ? repairs : 0),
      }), out);
    } catch (error) {
      queue.close();
      throw error;
    }
    return new Turn(this.#loop, tag, out[0], queue, bytesBefore, signal);
  }

  async #command(queueIt, options, ...args) {
    const { commandId = null, signal } = optionsOf(options, ofCommands);
    return this.#loop.answer((out) => queueIt(this.#handle.native, ...args, commandId, out), { signal });
  }
}

/** Of a turn whose text is all its own. */
const nothingBefore = () => 0;

/** Knows nothing but the handle: a function written where `this` is known might keep that for ever. */
const destroying = (handle) => () => destroyTurn(handle);

/** What a reader who slept through deltas has not seen of a text. */
function* restOf(text, seen) {
  const rest = Buffer.from(text).subarray(seen).toString();
  if (rest !== '') yield rest;
}

export class Turn {
  #loop;
  #tag;
  #handle;
  #queue;
  #bytesBefore;
  #id = '';
  #isStarted = false;
  #isRead = false; // or was
  #isLeft = false; // by its reader
  #result;

  constructor(loop, tag, handle, queue, bytesBefore, signal) {
    this.#loop = loop;
    this.#tag = tag;
    this.#handle = handle;
    this.#queue = queue;
    this.#bytesBefore = bytesBefore;
    forgotten.register(this, destroying(handle));
    watchTurn(handle, tag);
    loop.watch(tag, () => this.#endUnread());
    if (signal) this.#cancelOn(signal);
  }

  /** How the turn ended; rejects with what the message was refused with. */
  async result(options) {
    const signal = signalIn(options);
    const whole = () => {
      this.#result ??= this.#loop.until(this.#tag, () => {
        const text = [null];
        return turnResult(this.#handle, text) === TIMEOUT ? undefined : JSON.parse(takeText(text[0]));
      });
      return this.#result;
    };
    return signal === undefined ? whole() : unlessAborted(signal, whole);
  }

  /** Resolves once the message is stored; rejects with what it was refused with. */
  async accepted(options) {
    await this.#loop.until(this.#tag, () => (turnAccepted(this.#handle, 0) === TIMEOUT ? undefined : true), notAborted(signalIn(options)));
  }

  cancel() {
    cancelTurn(this.#handle);
  }

  /** "t1", "t2", ...; empty until the message is stored. */
  get id() {
    if (this.#id === '') this.#id = turnId(this.#handle);
    return this.#id;
  }

  /**
   * The reply's text, piece by piece; read once. Throws what the message was refused with, and behind the text what the
   * reply failed with or was cut off by.
   */
  [Symbol.asyncIterator]() {
    if (this.#isRead) {
      throw errorOf(numberOf('wrong_state'), 'a turn is read once, by one reader; `await turn.result()` has the whole text');
    }
    this.#isRead = true;
    return ending(this.#read(), () => this.#end());
  }

  async *#read() {
    try {
      for (;;) {
        const text = await this.#loop.until(this.#tag, () => this.#look());
        if (text === null) break;
        yield text;
      }
    } finally {
      this.#queue.close();
    }
    if (this.#isLeft) return;
    const { outcome, error, text, message } = await this.result();
    // A command that was given before started nothing now: its reply is there as a whole.
    const seen = this.#isStarted ? this.#queue.seen : 0;
    if (seen !== undefined) yield* restOf(text, seen || this.#bytesBefore(message));
    if (error !== undefined && outcome !== 'cancelled') throw errorIn(error);
  }

  /** Its reader wants no more. */
  #end() {
    this.#isLeft = true;
    this.#queue.close();
    this.#loop.lookAgain(this.#tag);
  }

  /** Behind the end of a turn nobody's queue fills: whoever reads it then gets the text of its result. */
  #endUnread() {
    if (this.#isRead) return true; // who closes it
    try {
      if (turnWait(this.#handle, 0) === TIMEOUT) return undefined;
    } catch {
      // The message was refused: that is an end, too.
    }
    this.#keepBytesBefore();
    this.#queue.close();
    return true;
  }

  /** The session may be gone when somebody reads. */
  #keepBytesBefore() {
    if (this.#bytesBefore === nothingBefore) return;
    try {
      const text = [null];
      if (turnResult(this.#handle, text) === TIMEOUT) return;
      const before = this.#bytesBefore(JSON.parse(takeText(text[0])).message);
      this.#bytesBefore = () => before;
    } catch {
      // It was refused: there is no text.
    }
  }

  /** The next piece of the reply, null behind its end, undefined when there is none yet. A session's turns come one by one. */
  #look() {
    for (;;) {
      if (this.#isLeft) return null;
      const type = this.#queue.next();
      if (type === undefined || type === null) return turnWait(this.#handle, 0) === OK && !this.#isStarted ? null : type;
      if (type === 'delta') {
        if (this.#isStarted) return eventText('text');
      } else if (JSON.parse(eventText('json')).data.turn === this.id) {
        if (type === 'turn.finished') return null;
        this.#isStarted = true;
        if (this.#queue.seen !== undefined) this.#queue.seen = 0;
      }
    }
  }

  #cancelOn(signal) {
    this.result().catch(() => {}).finally(onAbort(signal, () => this.cancel()));
  }
}

// What a turn came to is not there while it runs: who asks the turn for it would get undefined, and go on with that.
const ofResults = ['turn', 'outcome', 'finish_reason', 'message', 'text', 'usage', 'cost', 'error', 'cached', 'degraded', 'route',
  'fallback_for'];
for (const name of ofResults) {
  Object.defineProperty(Turn.prototype, name, {
    get() {
      throw errorOf(numberOf('wrong_state'), `${name}: a turn does not have it; it is in what \`await turn.result()\` gives`);
    },
  });
}
