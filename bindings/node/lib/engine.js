import { configText, creator } from './config.js';
import { errorOf, refused } from './errors.js';
import { HostParts } from './extensions.js';
import { bytesOf, integerOf, isNothing, jsonOf, kindOf } from './given.js';
import { Handles } from './handles.js';
import { heard } from './live.js';
import { Loop } from './loop.js';
import {
  OK, WRONG_STATE, fallible, fallibleInBackground, plain, statusInBackground, takeText, textInBackground,
} from './native.js';
import { optionsOf } from './options.js';
import { Session, createSession } from './session.js';
import { notAborted, signalIn, unlessAborted } from './signals.js';

const close = plain('int32_t scena_engine_close(void *)');
const closeInBackground = statusInBackground('int32_t scena_engine_close(void *)');
const destroy = plain('void scena_engine_destroy(void *)');
const capabilities = fallible('scena_engine_capabilities', ['void *', '_Out_ void **']);
const sessions = fallible('scena_engine_sessions', ['void *', 'const char *state?', 'const char *after?', 'uint32_t limit?', '_Out_ void **']);
const presets = fallible('scena_engine_presets', ['void *', 'const char *category?', 'const char *after?', 'uint32_t limit?', '_Out_ void **']);
const preset = fallible('scena_engine_preset', ['void *', 'const char *id', '_Out_ void **']);
const withText = (name) => ['void *', `const char *${name}`];
const exportSession = textInBackground('scena_engine_export', [...withText('id'), 'const char *format?']);
const updatePolicy = fallible('scena_engine_update_policy', withText('policy'));
const setProviders = fallible('scena_engine_set_providers', withText('providers'));
const setPrices = fallible('scena_engine_set_prices', withText('prices'));
const setModels = fallible('scena_engine_set_models', withText('catalog'));
const costs = fallible('scena_engine_costs', [...withText('query'), '_Out_ void **']);
const cacheFigures = fallible('scena_engine_cache_figures', ['void *', '_Out_ void **']);
const serviceHealth = fallible('scena_engine_service_health', ['void *', '_Out_ void **']);
const stats = fallible('scena_engine_stats', ['void *', '_Out_ void **']);
const complete = fallible('scena_engine_complete',
  [...withText('provider'), 'const char *request', 'scena_live *', '_Out_ void **']);
const embed = fallible('scena_engine_embed', [...withText('provider?'), 'const char *texts', '_Out_ void **']);
const later = (name) => [...withText(name), '_Out_ void **'];
const putPreset = fallible('scena_engine_put_preset_later', later('preset'));
const removePreset = fallible('scena_engine_remove_preset_later', later('id'));
const seedPresets = fallible('scena_engine_seed_presets_later', ['void *', '_Out_ void **']);
const importSession = fallible('scena_engine_import_later', later('session'));
const rebuild = fallible('scena_engine_rebuild_later', later('id'));
const eraseUser = fallible('scena_engine_erase_user_later', later('subject'));
const analytics = textInBackground('scena_engine_analytics', withText('query'));
const flow = textInBackground('scena_engine_flow', withText('query'));
const judgeAgreement = textInBackground('scena_engine_judge_agreement', withText('query'));
const enqueueJob = fallible('scena_engine_enqueue_job',
  [...withText('kind'), 'const char *payload', 'size_t', 'const char *options', '_Out_ void **']);
const cancelJob = fallible('scena_engine_cancel_job', later('id'));
const requeueJob = fallible('scena_engine_requeue_job', later('id'));
const oneJob = fallible('scena_engine_job', later('id'));
const jobs = fallible('scena_engine_jobs', later('query'));
const jobCounts = fallible('scena_engine_job_counts', ['void *', '_Out_ void **']);
const backup = fallibleInBackground('scena_engine_backup', withText('path'));
const checkStorage = fallibleInBackground('scena_engine_check_storage', ['void *']);
const as = fallible('scena_engine_as', [...withText('principal'), '_Out_ void **']);
const poll = fallible('scena_engine_poll', ['void *', 'int64_t']);
const nextDeadline = plain('int64_t scena_engine_next_deadline(void *)');
const advance = fallible('scena_engine_advance', ['void *', 'int64_t']);
const openSession = fallible('scena_session_open', ['void *', 'const char *id', '_Out_ void **']);

/** What an engine is made of that is there already: opened in the background, or shared under somebody's rights. */
class Made {
  constructor(native, { host = null, handles = new Handles(), loop = null }) {
    this.native = native;
    this.host = host;
    this.handles = handles;
    this.loop = loop;
  }
}

// An engine that is open when the process ends would run on while Node takes itself apart around it.
const open = new Set();
process.on('exit', () => open.forEach((engine) => {
  try {
    engine.closeSync();
  } catch {
    // Inside a function that the engine calls: it ends with the process.
  }
}));

const jobOptions = ['id', 'key', 'join', 'priority', 'delayMs', 'maxAttempts', 'session', 'signal'];

function microseconds(ms, name = 'ms') {
  const us = typeof ms === 'number' ? Math.round(ms * 1000) : NaN;
  if (Number.isSafeInteger(us) && us >= 0) return us;
  throw refused(`${name}: must be a number of milliseconds from 0 to 2^53 / 1000`);
}

/** The id of a preset, or a preset's JSON: what is neither would be looked for as an id. */
function presetOf(given) {
  const text = isNothing(given) ? '' : jsonOf(given, 'preset');
  if (typeof given === 'string' || text.startsWith('{')) return text;
  throw refused(`preset: must be the id of a preset, or a preset; it is ${isNothing(given) ? 'left out' : kindOf(given)}`);
}

export class Engine {
  #handle;
  #handles;
  #loop;
  #host = null;
  #closed = false;
  #closing;

  /** Opens the store on the JavaScript thread; open() does not. */
  constructor(config = {}, extensions, options) {
    if (config instanceof Made) {
      this.#adopt(config);
      return;
    }
    const text = configText(config);
    const make = creator(options);
    const host = new HostParts(extensions);
    const out = [null];
    host.use(() => make.here(text, host.handle, out));
    this.#adopt(new Made(out[0], { host }));
  }

  /** Makes an engine on a thread of Node's pool; with `secrets`, which no other thread may ask, on the JavaScript thread. */
  static async open(config = {}, extensions, options) {
    const { signal: given, ...more } = optionsOf(options, ['fromEnv', 'signal']);
    const signal = notAborted(given);
    if (!isNothing(extensions?.secrets)) return new Engine(config, extensions, more);
    const text = configText(config);
    const make = creator(more);
    const host = new HostParts(extensions);
    const out = [null];
    return unlessAborted(signal, async () => {
      await host.useLater(() => make.inBackground(text, host.handle, out));
      const engine = new Engine(new Made(out[0], { host }));
      if (signal?.aborted) await engine.close(); // nobody has it
      return engine;
    });
  }

  #adopt({ native, host, handles, loop }) {
    this.#handle = handles.own(native, destroy);
    this.#handles = handles;
    this.#host = host;
    this.#loop = loop ?? new Loop(this.#handle, host);
    if (host !== null) open.add(this);
  }

  /** The same engine under somebody's rights; closing it ends nothing. */
  as(principal) {
    const out = [null];
    as(this.#handle.native, jsonOf(principal, 'principal'), out);
    return new Engine(new Made(out[0], { handles: this.#handles, loop: this.#loop }));
  }

  createSession(preset, options) {
    return this.#sessionOf(createSession(this.#handle.native, presetOf(preset), options));
  }

  session(id) {
    const out = [null];
    openSession(this.#handle.native, id, out);
    return this.#sessionOf(out[0]);
  }

  sessions(options) {
    const { state, after, limit } = optionsOf(options, ['state', 'after', 'limit']);
    return JSON.parse(this.#text(sessions, state, after, limit));
  }

  presets(options) {
    const { category, after, limit } = optionsOf(options, ['category', 'after', 'limit']);
    return JSON.parse(this.#text(presets, category, after, limit));
  }

  preset(id) {
    return JSON.parse(this.#text(preset, id));
  }

  capabilities() {
    return JSON.parse(this.#text(capabilities));
  }

  /** The whole session as a text, read on a thread of Node's pool. */
  async exportSession(id, format = 'json', options) {
    return this.#behind(signalIn(options), (native) => exportSession(native, id, format));
  }

  updatePolicy(policy) {
    updatePolicy(this.#handle.native, jsonOf(policy, 'policy'));
  }

  setProviders(providers) {
    setProviders(this.#handle.native, jsonOf(providers, 'providers'));
  }

  setPrices(prices) {
    setPrices(this.#handle.native, jsonOf(prices, 'prices'));
  }

  setModels(catalog) {
    setModels(this.#handle.native, jsonOf(catalog, 'catalog'));
  }

  costs(query = {}) {
    return JSON.parse(this.#text(costs, jsonOf(query, 'query'))).rows;
  }

  cacheFigures() {
    return JSON.parse(this.#text(cacheFigures));
  }

  serviceHealth() {
    return JSON.parse(this.#text(serviceHealth));
  }

  stats() {
    return JSON.parse(this.#text(stats));
  }

  /** Asks a model service outside of any session; a failed call is an answer, too. */
  async complete(provider, request, options) {
    const { onText, signal } = optionsOf(options, ['onText', 'signal']);
    return heard(onText, signal, (table, ending) => this.#loop.answer(
      (out) => complete(this.#handle.native, provider, jsonOf(request, 'request'), table, out), { signal: ending, stops: true }));
  }

  async embed(texts, options) {
    const { provider = null, signal, ...more } = optionsOf(options, ['provider', 'model', 'dimensions', 'purpose', 'signal']);
    const request = jsonOf({ texts, ...more }, 'options');
    return this.#loop.answer((out) => embed(this.#handle.native, provider, request, out), { signal });
  }

  // The following commit where the engine commits, never here: each resolves when it is stored.
  async putPreset(preset, options) {
    await this.#loop.answer((out) => putPreset(this.#handle.native, jsonOf(preset, 'preset'), out), { signal: signalIn(options) });
  }

  async removePreset(id, options) {
    await this.#loop.answer((out) => removePreset(this.#handle.native, id, out), { signal: signalIn(options) });
  }

  /** Stores the built-in presets that are not stored yet. Resolves with how many were new. */
  async seedPresets(options) {
    return this.#loop.answer((out) => seedPresets(this.#handle.native, out), { signal: signalIn(options) });
  }

  /** Stores a session exported as JSON under its own id. */
  async importSession(text, options) {
    const { id } = await this.#loop.answer((out) => importSession(this.#handle.native, jsonOf(text, 'session'), out), { signal: signalIn(options) });
    return this.session(id);
  }

  /** Makes the stored projections of a session anew. Resolves with whether they were equal already. */
  async rebuild(id, options) {
    return this.#loop.answer((out) => rebuild(this.#handle.native, id, out), { signal: signalIn(options) });
  }

  /**
   * Erases everything of one user: the sessions that it owns or takes or took part in, whole, with every
   * fork, what is kept beside them, and the bytes of all this in the store's files. Resolves with how many went.
   */
  async eraseUser(subject, options) {
    return this.#loop.answer((out) => eraseUser(this.#handle.native, subject, out), { signal: signalIn(options) });
  }

  /** How stored sessions ended, a row for each combination of `by`; read on a thread of Node's pool. */
  async analytics(query = {}, options) {
    return JSON.parse(await this.#behind(signalIn(options), (native) => analytics(native, jsonOf(query, 'query')))).rows;
  }

  /** How sessions went from one speaker to the next, and where they left; read on a thread of Node's pool. */
  async flow(query = {}, options) {
    return JSON.parse(await this.#behind(signalIn(options), (native) => flow(native, jsonOf(query, 'query')))).rows;
  }

  /** How far a model's opinions agree with the measured scores; read on a thread of Node's pool. */
  async judgeAgreement(query = {}, options) {
    return JSON.parse(await this.#behind(signalIn(options), (native) => judgeAgreement(native, jsonOf(query, 'query')))).rows;
  }

  /** Writes a consistent copy of the store, on a thread of Node's pool. */
  async backup(path, options) {
    await this.#behind(signalIn(options), (native) => backup(native, path));
  }

  /** Reads the whole store and judges its structure, on a thread of Node's pool. */
  async checkStorage(options) {
    await this.#behind(signalIn(options), (native) => checkStorage(native));
  }

  /** Stores a background job; `payload`: a text, or what becomes JSON. Resolves with the job. */
  async enqueueJob(kind, payload, options) {
    const { delayMs, maxAttempts, signal, ...others } = optionsOf(options, jobOptions);
    const given = jsonOf(payload, 'payload');
    const whole = (value, name) => (isNothing(value) ? undefined : Number(integerOf(value, 'int64_t', name)));
    const more = jsonOf(
      { ...others, delay_ms: whole(delayMs, 'delayMs'), max_attempts: whole(maxAttempts, 'maxAttempts') }, 'options');
    return this.#loop.answer((out) => enqueueJob(this.#handle.native, kind, given, bytesOf(given), more, out), { signal });
  }

  async cancelJob(id, options) {
    return this.#loop.answer((out) => cancelJob(this.#handle.native, id, out), { signal: signalIn(options) });
  }

  async requeueJob(id, options) {
    return this.#loop.answer((out) => requeueJob(this.#handle.native, id, out), { signal: signalIn(options) });
  }

  job(id) {
    return JSON.parse(this.#text(oneJob, id));
  }

  jobs(query = {}) {
    return JSON.parse(this.#text(jobs, jsonOf(query, 'query')));
  }

  jobCounts() {
    return JSON.parse(this.#text(jobCounts)).counts;
  }

  /** Runs what is ready. Node's loop does it by itself; a virtual clock's host does it between two steps. */
  poll() {
    poll(this.#handle.native, 0);
    this.#loop.tell();
  }

  /** Milliseconds until the next timer, in whole microseconds; 0 for work left over, undefined when there is none. */
  nextDeadline() {
    const left = this.#handle.isOver ? -1 : Number(nextDeadline(this.#handle.native));
    return left < 0 ? undefined : Math.ceil(left / 1000) / 1000;
  }

  /** Moves virtual time on, running every timer on the way. */
  advance(ms) {
    advance(this.#handle.native, microseconds(ms));
    this.#loop.tell();
  }

  /**
   * Resolves when every queued command and turn, and every job whose time has come, is done. Virtual time moves on as
   * needed, and stands still while a function written in JavaScript is at work whose answer somebody waits for. Behind
   * `timeoutMs`, by the engine's clock, it rejects with a TimeoutError, and what is under way goes on.
   */
  async runUntilIdle(options) {
    const { signal, timeoutMs } = optionsOf(options, ['signal', 'timeoutMs']);
    const limitUs = isNothing(timeoutMs) ? undefined : microseconds(timeoutMs, 'timeoutMs');
    await this.#loop.untilIdle(() => this.stats().idle, { isVirtual: this.capabilities().virtual_clock, signal, limitUs });
  }

  /**
   * Ends running turns as interrupted and lets the store go, without holding the JavaScript thread: resolves when both
   * is done. May be called anywhere, also in functions that the engine calls; an engine of as() ends nothing.
   */
  async close(options) {
    const signal = notAborted(signalIn(options));
    if (this.#host === null || this.#closed) return;
    this.#closing ??= this.#end();
    await unlessAborted(signal, () => this.#closing);
  }

  /** The same at once, for ends that cannot wait: holds the thread until everything is stored. */
  closeSync() {
    if (this.#host === null || this.#closed) return;
    if (close(this.#handle.native) === WRONG_STATE) {
      throw errorOf(WRONG_STATE, 'closeSync: refused inside a function that the engine calls; close() ends it behind that');
    }
    this.#ended();
  }

  [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]() {
    return this.close();
  }

  async #end() {
    await this.#loop.end();
    if (this.#closed) return;
    if (await this.#handle.during(closeInBackground) === OK) this.#ended();
  }

  #ended() {
    if (this.#closed) return;
    this.#closed = true;
    open.delete(this);
    this.#loop.close();
    this.#host.forget();
    this.#host.whenDone(() => this.#handles.end()); // what answers late still may
  }

  /** What `call(native)` gives, on a thread of Node's pool. */
  #behind(signal, call) {
    return unlessAborted(signal, () => this.#handle.during(call));
  }

  #sessionOf(native) {
    return new Session(this.#loop, this.#handles, native);
  }

  #text(ask, ...args) {
    const out = [null];
    ask(this.#handle.native, ...args, out);
    return takeText(out[0]);
  }
}
