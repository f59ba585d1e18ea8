import { withExtensions } from './extensions.js';
import { Loop } from './loop.js';
import { fallible, fallibleInBackground, plain, struct, table, takeText, textInBackground } from './native.js';
import { Session, createSession } from './session.js';

const create = fallible('scena_engine_create_extended', ['const char *', 'void *', '_Out_ void **']);
const close = plain('int32_t scena_engine_close(void *)');
const destroy = plain('void scena_engine_destroy(void *)');
const capabilities = fallible('scena_engine_capabilities', ['void *', '_Out_ void **']);
const sessions = fallible('scena_engine_sessions', ['void *', 'const char *', 'const char *', 'uint32_t', '_Out_ void **']);
const presets = fallible('scena_engine_presets', ['void *', 'const char *', 'const char *', 'uint32_t', '_Out_ void **']);
const preset = fallible('scena_engine_preset', ['void *', 'const char *', '_Out_ void **']);
const exportSession = fallible('scena_engine_export', ['void *', 'const char *', 'const char *', '_Out_ void **']);
const text = ['void *', 'const char *'];
const updatePolicy = fallible('scena_engine_update_policy', text);
const setProviders = fallible('scena_engine_set_providers', text);
const setPrices = fallible('scena_engine_set_prices', text);
const setModels = fallible('scena_engine_set_models', text);
const costs = fallible('scena_engine_costs', [...text, '_Out_ void **']);
const cacheFigures = fallible('scena_engine_cache_figures', ['void *', '_Out_ void **']);
const serviceHealth = fallible('scena_engine_service_health', ['void *', '_Out_ void **']);
const stats = fallible('scena_engine_stats', ['void *', '_Out_ void **']);
const complete = fallible('scena_engine_complete',
  [...text, 'const char *', 'scena_live *', '_Out_ void **']);
const embed = fallible('scena_engine_embed', [...text, 'const char *', '_Out_ void **']);
const later = [...text, '_Out_ void **'];
const putPreset = fallible('scena_engine_put_preset_later', later);
const removePreset = fallible('scena_engine_remove_preset_later', later);
const seedPresets = fallible('scena_engine_seed_presets_later', ['void *', '_Out_ void **']);
const importSession = fallible('scena_engine_import_later', later);
const rebuild = fallible('scena_engine_rebuild_later', later);
const analytics = textInBackground('scena_engine_analytics', text);
const flow = textInBackground('scena_engine_flow', text);
const enqueueJob = fallible('scena_engine_enqueue_job',
  [...text, 'const char *', 'size_t', 'const char *', '_Out_ void **']);
const cancelJob = fallible('scena_engine_cancel_job', later);
const requeueJob = fallible('scena_engine_requeue_job', later);
const oneJob = fallible('scena_engine_job', later);
const jobs = fallible('scena_engine_jobs', later);
const jobCounts = fallible('scena_engine_job_counts', ['void *', '_Out_ void **']);
const backup = fallibleInBackground('scena_engine_backup', text);
const as = fallible('scena_engine_as', [...text, '_Out_ void **']);
const poll = fallible('scena_engine_poll', ['void *', 'int64_t']);
const nextDeadline = plain('int64_t scena_engine_next_deadline(void *)');
const advance = fallible('scena_engine_advance', ['void *', 'int64_t']);
const openSession = fallible('scena_session_open', ['void *', 'const char *', '_Out_ void **']);

/** What an engine under somebody's rights is made of. */
class Shared {
  constructor(handle, loop) {
    this.handle = handle;
    this.loop = loop;
  }
}
const forgotten = new FinalizationRegistry((release) => release());

// An engine that is open when the process ends would run on while Node takes itself apart around it.
const open = new Set();
process.on('exit', () => open.forEach((engine) => engine.close()));

const json = (value) => (typeof value === 'string' ? value : JSON.stringify(value));

/** Calls `use(table)` with one whose text goes to `onText`; with null where nobody listens. */
function live(onText, use) {
  if (onText === undefined) return use(null);
  return use(struct('scena_live', table('scena_live', { text: (text) => onText(text) })));
}

export class Engine {
  #handle;
  #loop;
  #isOwner = true;
  #closed = false;

  constructor(config = {}, extensions = {}) {
    if (config instanceof Shared) {
      this.#handle = config.handle;
      this.#loop = config.loop;
      this.#isOwner = false;
      forgotten.register(this, () => destroy(config.handle));
      return;
    }
    const out = [null];
    const text = JSON.stringify({ ...config, threads: 0, watcher: 'pipe' });
    const logs = withExtensions(extensions, (made) => create(text, made, out));
    this.#handle = out[0];
    this.#loop = new Loop(this.#handle, logs);
    forgotten.register(this, () => { // not by close(): later calls fail with code closed
      destroy(out[0]);
      logs?.destroy();
    });
    open.add(this);
  }

  /** The same engine under somebody's rights; closing it ends nothing. */
  as(principal) {
    const out = [null];
    as(this.#handle, JSON.stringify(principal), out);
    return new Engine(new Shared(out[0], this.#loop));
  }

  createSession(preset, options = {}) {
    const given = typeof preset === 'string' ? preset : JSON.stringify(preset);
    return new Session(this.#loop, createSession(this.#handle, given, options));
  }

  session(id) {
    const out = [null];
    openSession(this.#handle, id, out);
    return new Session(this.#loop, out[0]);
  }

  sessions({ state = null, after = null, limit = 0 } = {}) {
    return JSON.parse(this.#text(sessions, state, after, limit));
  }

  presets({ category = null, after = null, limit = 0 } = {}) {
    return JSON.parse(this.#text(presets, category, after, limit));
  }

  preset(id) {
    return JSON.parse(this.#text(preset, id));
  }

  capabilities() {
    return JSON.parse(this.#text(capabilities));
  }

  exportSession(id, format = 'json') {
    return this.#text(exportSession, id, format);
  }

  updatePolicy(policy) {
    updatePolicy(this.#handle, json(policy));
  }

  setProviders(providers) {
    setProviders(this.#handle, json(providers));
  }

  setPrices(prices) {
    setPrices(this.#handle, json(prices));
  }

  setModels(catalog) {
    setModels(this.#handle, json(catalog));
  }

  costs(query = {}) {
    return JSON.parse(this.#text(costs, JSON.stringify(query))).rows;
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
  complete(provider, request, { onText, signal } = {}) {
    return this.#loop.answer((out) => live(onText, (table) => complete(this.#handle, provider, json(request), table, out)),
      { signal, stops: true });
  }

  embed(texts, { provider = null, ...options } = {}) {
    const request = JSON.stringify({ texts, ...options });
    return this.#loop.answer((out) => embed(this.#handle, provider, request, out));
  }

  // The following commit where the engine commits, never here: each resolves when it is stored.
  async putPreset(preset) {
    await this.#loop.answer((out) => putPreset(this.#handle, json(preset), out));
  }

  async removePreset(id) {
    await this.#loop.answer((out) => removePreset(this.#handle, id, out));
  }

  /** Stores the built-in presets that are not stored yet. Resolves with how many were new. */
  seedPresets() {
    return this.#loop.answer((out) => seedPresets(this.#handle, out));
  }

  /** Stores a session exported as JSON under its own id. */
  async importSession(text) {
    const { id } = await this.#loop.answer((out) => importSession(this.#handle, json(text), out));
    return this.session(id);
  }

  /** Makes the stored projections of a session anew. Resolves with whether they were equal already. */
  rebuild(id) {
    return this.#loop.answer((out) => rebuild(this.#handle, id, out));
  }

  /** How stored sessions ended, a row for each combination of `by`; read on a thread of Node's pool. */
  async analytics(query = {}) {
    return this.#rows(await analytics(this.#handle, JSON.stringify(query)));
  }

  /** How sessions went from one speaker to the next, and where they left; read on a thread of Node's pool. */
  async flow(query = {}) {
    return this.#rows(await flow(this.#handle, JSON.stringify(query)));
  }

  /** Writes a consistent copy of the store, on a thread of Node's pool. */
  backup(path) {
    return backup(this.#handle, path);
  }

  /** Stores a background job; `payload`: a text, or what becomes JSON. Resolves with the job. */
  enqueueJob(kind, payload, { delayMs, maxAttempts, ...options } = {}) {
    const given = json(payload);
    const more = JSON.stringify({ ...options, delay_ms: delayMs, max_attempts: maxAttempts });
    return this.#loop.answer((out) => enqueueJob(this.#handle, kind, given, Buffer.byteLength(given), more, out));
  }

  cancelJob(id) {
    return this.#loop.answer((out) => cancelJob(this.#handle, id, out));
  }

  requeueJob(id) {
    return this.#loop.answer((out) => requeueJob(this.#handle, id, out));
  }

  job(id) {
    return JSON.parse(this.#text(oneJob, id));
  }

  jobs(query = {}) {
    return JSON.parse(this.#text(jobs, JSON.stringify(query)));
  }

  jobCounts() {
    return JSON.parse(this.#text(jobCounts)).counts;
  }

  /** Runs what is ready. Node's loop does it by itself; a virtual clock's host does it between two steps. */
  poll() {
    poll(this.#handle, 0);
    this.#loop.tell();
  }

  /** Milliseconds until the next timer, 0 for work left over, undefined when there is none. */
  nextDeadline() {
    const left = Number(nextDeadline(this.#handle));
    return left < 0 ? undefined : left / 1e6;
  }

  /** Moves virtual time on, running every timer on the way. */
  advance(ms) {
    advance(this.#handle, Math.round(ms * 1000));
    this.#loop.tell();
  }

  close() {
    if (this.#closed || !this.#isOwner) return;
    this.#closed = true;
    open.delete(this);
    close(this.#handle);
    this.#loop.close();
  }

  async [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]() {
    this.close();
  }

  // Behind a call in the background: the engine may not be forgotten while that uses its handle.
  #rows(text) {
    return JSON.parse(text).rows;
  }

  #text(ask, ...args) {
    const out = [null];
    ask(this.#handle, ...args, out);
    return takeText(out[0]);
  }
}
