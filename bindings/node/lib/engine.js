import { withExtensions } from './extensions.js';
import { Loop } from './loop.js';
import { fallible, plain, takeText } from './native.js';
import { Session, createSession } from './session.js';

const create = fallible('scena_engine_create_extended', ['const char *', 'void *', '_Out_ void **']);
const close = plain('int32_t scena_engine_close(void *)');
const destroy = plain('void scena_engine_destroy(void *)');
const capabilities = fallible('scena_engine_capabilities', ['void *', '_Out_ void **']);
const sessions = fallible('scena_engine_sessions', ['void *', 'const char *', 'const char *', 'uint32_t', '_Out_ void **']);
const presets = fallible('scena_engine_presets', ['void *', 'const char *', 'const char *', 'uint32_t', '_Out_ void **']);
const preset = fallible('scena_engine_preset', ['void *', 'const char *', '_Out_ void **']);
const exportSession = fallible('scena_engine_export', ['void *', 'const char *', 'const char *', '_Out_ void **']);
const updatePolicy = fallible('scena_engine_update_policy', ['void *', 'const char *']);
const openSession = fallible('scena_session_open', ['void *', 'const char *', '_Out_ void **']);

// An engine that is open when the process ends would run on while Node takes itself apart around it.
const open = new Set();
process.on('exit', () => open.forEach((engine) => engine.close()));

export class Engine {
  // Null after close(): the library then refuses it, as it does for any caller.
  #handle;
  #loop;
  #closed = false;

  constructor(config = {}, { providers = {}, tools = [] } = {}) {
    const out = [null];
    const json = JSON.stringify({ ...config, threads: 0, watcher: 'pipe' });
    withExtensions(providers, tools, (extensions) => create(json, extensions, out));
    this.#handle = out[0];
    this.#loop = new Loop(this.#handle);
    open.add(this);
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
    updatePolicy(this.#handle, JSON.stringify(policy));
  }

  close() {
    if (this.#closed) return;
    this.#closed = true;
    open.delete(this);
    close(this.#handle);
    this.#loop.close();
    destroy(this.#handle);
    this.#handle = null;
  }

  async [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]() {
    this.close();
  }

  #text(ask, ...args) {
    const out = [null];
    ask(this.#handle, ...args, out);
    return takeText(out[0]);
  }
}
