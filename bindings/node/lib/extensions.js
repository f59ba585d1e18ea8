// Providers and tools written in JavaScript, as the tables that the C ABI takes.
import { numberOf, refused } from './errors.js';
import { arrayOf, bytesOf, cleaned, entriesOf, integerOf, isNothing, jsonOf, jsonOrNone, listOf, textOf } from './given.js';
import { Logs } from './logs.js';
import {
  NOT_FOUND, OK, UNAVAILABLE, addressOf, fallible, forget, plain, struct, table,
} from './native.js';
import { optionsOf, refuseUnknown } from './options.js';
import { analyzerTable, filterTable } from './watchers.js';

const create = fallible('scena_extensions_create', ['_Out_ void **']);
const destroy = plain('void scena_extensions_destroy(void *)');
const addProvider = fallible('scena_extensions_add_provider', ['void *', 'const char *provider', 'scena_provider *']);
const addTool = fallible('scena_extensions_add_tool', ['void *', 'scena_tool *']);
const addAnalyzer = fallible('scena_extensions_add_analyzer', ['void *', 'scena_analyzer *']);
const setFilter = fallible('scena_extensions_set_filter', ['void *', 'scena_filter *']);
const setApproval = fallible('scena_extensions_set_tool_approval', ['void *', 'scena_tool_approval *']);
const replyText = plain('int32_t scena_reply_text(void *, const char *text, size_t)');
const replyReasoning = plain('int32_t scena_reply_reasoning(void *, const char *reasoning, size_t)');
const replyToolCall = plain('int32_t scena_reply_tool_call(void *, const char *id?, const char *name, const char *arguments)');
const replyUsage = plain('int32_t scena_reply_usage(void *, int64_t, int64_t)');
const replyFinish = plain('void scena_reply_finish(void *, const char *finishReason?)');
const replyFail = plain('void scena_reply_fail(void *, int32_t, const char *message)');
const callSucceed = plain('void scena_tool_call_succeed(void *, const char *result, size_t)');
const callFail = plain('void scena_tool_call_fail(void *, const char *message)');
const addJobHandler = fallible('scena_extensions_add_job_handler', ['void *', 'const char *kind', 'scena_job_handler *']);
const jobSucceed = plain('void scena_job_run_succeed(void *, const char *result, size_t)');
const jobFail = plain('void scena_job_run_fail(void *, const char *message)');
const jobGiveUp = plain('void scena_job_run_give_up(void *, const char *message)');
const addEventSink = fallible('scena_extensions_add_event_sink', ['void *', 'const char *sink', 'scena_event_sink *']);
const addEmbedder = fallible('scena_extensions_add_embedder', ['void *', 'const char *embedder', 'scena_embedder *']);
const setSecrets = fallible('scena_extensions_set_secret_source', ['void *', 'scena_secret_source *']);
const addCounter = fallible('scena_extensions_add_token_counter', ['void *', 'const char *models', 'scena_token_counter *']);
const embeddingSucceed = plain('void scena_embedding_succeed(void *, const float *, size_t, size_t, int64_t)');
const embeddingFail = plain('void scena_embedding_fail(void *, int32_t, const char *message)');
const setSecret = plain('int32_t scena_secret_set(void *, const char *secret, size_t)');
const allow = plain('void scena_approval_allow(void *)');
const refuse = plain('void scena_approval_refuse(void *, const char *reason?)');

const flags = { idempotent: 1, everywhere: 2, needsApproval: 4 };
/** What something that was thrown says; never throws itself, whatever it is. */
function told(error) {
  try {
    return cleaned(String(error instanceof Error ? error.message : error));
  } catch {
    return 'what was thrown has no text';
  }
}
const sliceMs = 2; // a model that is always ready lets other work of Node's loop go on after that long

/** Thrown by the handler of a job: trying again is of no use. */
export class GiveUp extends Error {}

// Each start gets an AbortSignal, kept in `running` until its end; `work` always ends the handle and never rejects.
function answering(name, running, work) {
  const start = (json, handle, job) => {
    const { signal, ended } = running.begin(handle);
    // Not inside the callback: the host's code may call the engine, which a callback may not.
    setImmediate(() => work(JSON.parse(json), handle, signal, ended, job));
  };
  return table(name, {
    start,
    deliver: (event, job, handle) => start(event, handle, job),
    cancel: (handle) => running.cancel(handle),
  });
}

/** Of tokens; -1 where nobody counted them. */
const countOf = (given, name) => (isNothing(given) ? -1 : integerOf(given, 'int64_t', name));

/** Hands the pieces of one reply on; `say` gives the status of the library: other than OK, no more is wanted. */
class ReplyWriter {
  #handle;
  #halves = { text: '', reasoning: '' }; // of characters that come in two pieces
  #parts = { // of a piece that is no text, in this order
    reasoning: (text) => this.#write('reasoning', replyReasoning, text),
    toolCall: (call) => this.#toolCall(call),
    usage: (usage) => this.#usage(usage),
    finishReason: (reason) => {
      this.reason = textOf(reason, 'finishReason');
      return OK;
    },
  };
  reason = null;

  constructor(handle) {
    this.#handle = handle;
  }

  say(piece) {
    if (typeof piece === 'string') return this.#write('text', replyText, piece);
    const known = Object.keys(this.#parts);
    if (typeof piece !== 'object' || piece === null || !known.some((name) => name in piece)) {
      throw refused('a piece: must be a text or {reasoning|toolCall|usage|finishReason}');
    }
    refuseUnknown(piece, known, 'piece.');
    for (const name of known) {
      const status = isNothing(piece[name]) ? OK : this.#parts[name](piece[name]);
      if (status !== OK) return status;
    }
    return OK;
  }

  /** @throws what half a character is refused with whose other half never came. */
  end() {
    for (const [name, half] of Object.entries(this.#halves)) textOf(half, name);
  }

  #toolCall(call) {
    entriesOf(call, 'toolCall');
    refuseUnknown(call, ['id', 'name', 'arguments'], 'toolCall.');
    const { id = null, name, arguments: given = {} } = call;
    return replyToolCall(this.#handle, id, name, jsonOf(given, 'arguments'));
  }

  #usage(usage) {
    entriesOf(usage, 'usage');
    refuseUnknown(usage, ['inputTokens', 'outputTokens'], 'usage.');
    const { inputTokens, outputTokens } = usage;
    return replyUsage(this.#handle, countOf(inputTokens, 'inputTokens'), countOf(outputTokens, 'outputTokens'));
  }

  #write(name, reply, piece) {
    const text = typeof piece === 'string' ? this.#halves[name] + piece : textOf(piece, name); // which refuses it
    const last = text.charCodeAt(text.length - 1);
    this.#halves[name] = last >= 0xd800 && last < 0xdc00 ? text.at(-1) : '';
    const whole = this.#halves[name] === '' ? text : text.slice(0, -1);
    return whole === '' ? OK : reply(this.#handle, whole, Buffer.byteLength(whole));
  }
}

function providerTable(provider, running) {
  return answering('scena_provider', running, async (request, handle, signal, ended) => {
    try {
      const writer = new ReplyWriter(handle);
      let since = performance.now();
      for await (const piece of provider.reply(request, { signal })) {
        if (signal.aborted || writer.say(piece) !== OK) break;
        if (performance.now() - since < sliceMs) continue;
        await new Promise((resolve) => { setImmediate(resolve); });
        if (signal.aborted) break; // not to be asked for more: it might wait for a signal that has come
        since = performance.now();
      }
      if (!signal.aborted) writer.end();
      ended();
      replyFinish(handle, writer.reason);
    } catch (error) {
      ended();
      replyFail(handle, numberOf(error?.code), told(error));
    }
  });
}

function toolTable(tool, running) {
  return answering('scena_tool', running, async (request, handle, signal, ended) => {
    try {
      const result = await tool.call(request.arguments, { request, signal });
      const text = typeof result === 'string' ? result : JSON.stringify(result ?? null);
      ended();
      callSucceed(handle, text, Buffer.byteLength(text));
    } catch (error) {
      ended();
      callFail(handle, told(error));
    }
  });
}

// Jobs and deliveries are ended alike: what `run(given, context)` throws is a failed attempt.
function jobTable(name, run, running) {
  return answering(name, running, async (given, handle, signal, ended, job) => {
    try {
      const result = await run(given, job === undefined ? { signal } : { signal, job: JSON.parse(job) });
      const text = typeof result === 'string' ? result : JSON.stringify(result ?? null);
      ended();
      jobSucceed(handle, text, Buffer.byteLength(text));
    } catch (error) {
      ended();
      if (error instanceof GiveUp) jobGiveUp(handle, told(error));
      else jobFail(handle, told(error));
    }
  });
}

function embedderTable(embedder, running) {
  return answering('scena_embedder', running, async (request, handle, signal, ended) => {
    try {
      const given = await embedder.embed(request.texts, { request, signal });
      const { vectors, inputTokens } = Array.isArray(given) ? { vectors: given } : given;
      const dimensions = vectors[0]?.length ?? 0;
      // One that is shorter or longer would shift all behind it.
      if (vectors.some((vector) => vector.length !== dimensions)) throw new TypeError('the vectors differ in length');
      const tokens = countOf(inputTokens, 'inputTokens');
      const values = new Float32Array(vectors.length * dimensions);
      vectors.forEach((vector, i) => values.set(vector, i * dimensions));
      ended();
      embeddingSucceed(handle, values, vectors.length, dimensions, tokens);
    } catch (error) {
      ended();
      embeddingFail(handle, numberOf(error?.code), told(error));
    }
  });
}

// Both answer at once, inside a call of the engine.
function secretsTable(find) {
  return table('scena_secret_source', {
    get(name, handle) {
      try {
        const secret = find(name);
        if (secret === undefined || secret === null) return NOT_FOUND;
        setSecret(handle, secret, bytesOf(secret));
        return OK;
      } catch {
        return UNAVAILABLE; // what it threw may hold the secret
      }
    },
  });
}

function counterTable(count) {
  return table('scena_token_counter', {
    count(text) {
      try {
        const tokens = Math.ceil(count(text));
        return Number.isSafeInteger(tokens) ? tokens : -1;
      } catch {
        return -1; // it cannot say
      }
    },
  });
}

function approvalTable(approve, running) {
  return answering('scena_tool_approval', running, async (request, handle, signal, ended) => {
    let verdict;
    try {
      verdict = await approve(request);
    } catch (error) {
      verdict = told(error);
    }
    ended();
    if (verdict === true) allow(handle);
    else refuse(handle, typeof verdict === 'string' ? cleaned(verdict) : null);
  });
}

/** Refuses what could not be called; `where` names it as the host wrote it. */
function need(given, where) {
  if (typeof given === 'function') return given;
  throw refused(`${where}: must be a function`);
}

/** Refuses unknown members of an object that was written down; one of a class of the host's has members of its own. */
function knowAll(given, known, place) {
  if (Object.getPrototypeOf(given) === Object.prototype) refuseUnknown(given, known, place);
}
const ofTools = ['name', 'description', 'parameters', 'timeLimitMs', 'cacheForMs', 'maxResultBytes', 'maxResultTokens', 'call',
  ...Object.keys(flags)];
const ofJobs = ['run', 'parallel', 'timeLimitMs'];
const ofSinks = ['deliver', 'events', 'tenant', 'parallel', 'timeLimitMs', 'maxAttempts', 'maxWaiting'];

/** A function alone stands for an object with that function. */
const withFunction = (given, member) => (typeof given === 'function' ? { [member]: given } : given ?? {});

function toolStruct(tool, made, place) {
  return struct('scena_tool', {
    ...made,
    flags: Object.keys(flags).reduce((sum, flag) => sum + (tool[flag] ? flags[flag] : 0), 0),
    name: textOf(tool.name, `${place}name`),
    description: tool.description,
    parameters_json: jsonOrNone(tool.parameters, `${place}parameters`),
    time_limit_ms: tool.timeLimitMs,
    cache_for_ms: tool.cacheForMs,
    max_result_bytes: tool.maxResultBytes,
    max_result_tokens: tool.maxResultTokens,
  }, place);
}

/** The functions of a host that are at work: until they have ended the handle that each was given. */
class Running {
  #controllers = new Map(); // by the address of the handle
  #whenDone = () => {};

  /** A call begins; its signal, and what to call right in front of the end of its handle. */
  begin(handle) {
    const address = addressOf(handle);
    const controller = new AbortController();
    this.#controllers.set(address, controller);
    return { signal: controller.signal, ended: () => this.#ended(address) };
  }

  /** Nobody wants the answer of that one any more. */
  cancel(handle) {
    this.#controllers.get(addressOf(handle))?.abort();
  }

  /** Whether one is at work whose answer somebody wants. */
  get isWanted() {
    return [...this.#controllers.values()].some(({ signal }) => !signal.aborted);
  }

  /** Calls it once none has a handle to end: now, or behind the last one. */
  whenDone(call) {
    if (this.#controllers.size === 0) call();
    else this.#whenDone = call;
  }

  #ended(address) {
    if (!this.#controllers.delete(address) || this.#controllers.size > 0) return;
    setImmediate(() => { // the handle is ended right behind this
      if (this.#controllers.size === 0) this.#whenDone();
    });
  }
}

/** What a host brings, as the C ABI has it. `logs`: the lines to come, where they are wanted. */
export class HostParts {
  #tables = [];
  #running = new Running();

  constructor(extensions) {
    const { onLog, ...parts } = optionsOf(extensions, [...Object.keys(adders), 'onLog']);
    const out = [null];
    create(out);
    this.handle = out[0];
    try {
      for (const [member, given] of Object.entries(parts)) {
        if (isNothing(given)) continue;
        adders[member](this.handle, given, (made) => {
          this.#tables.push(made);
          return made;
        }, this.#running);
      }
      this.logs = isNothing(onLog) ? undefined : new Logs(this.handle, need(onLog, 'onLog'));
    } catch (error) {
      this.#drop();
      throw error;
    }
  }

  /** Lets `make()` make an engine with them. */
  use(make) {
    try {
      make();
    } catch (error) {
      this.#drop();
      throw error;
    }
    this.#release();
  }

  /** The same for one that is made in the background. */
  async useLater(make) {
    try {
      await make();
    } catch (error) {
      this.#drop();
      throw error;
    }
    this.#release();
  }

  /** Whether a function of the host is at work whose answer somebody waits for; a model may ignore that nobody does. */
  get isAtWork() {
    return this.#running.isWanted;
  }

  /** Calls it once no function of the host is at work, wanted or not. */
  whenDone(call) {
    this.#running.whenDone(call);
  }

  /** Nothing of them is called any more. */
  forget() {
    this.#tables.splice(0).forEach(forget);
    this.logs?.destroy();
  }

  #drop() {
    this.forget();
    this.#release();
  }

  #release() {
    destroy(this.handle);
    this.handle = null;
  }
}

// How each member of a host's extensions becomes tables; `keep` sees each table that is made,
// `running` has the calls that are at work.
const adders = {
  providers(to, given, keep, running) {
    for (const [name, provider] of entriesOf(given, 'providers')) {
      need(provider?.reply, `providers.${name}.reply`);
      addProvider(to, name, struct('scena_provider', keep(providerTable(provider, running))));
    }
  },
  tools(to, given, keep, running) {
    arrayOf(given, 'tools').forEach((tool, at) => {
      need(tool?.call, `tools[${at}].call`);
      knowAll(tool, ofTools, `tools[${at}].`);
      addTool(to, toolStruct(tool, keep(toolTable(tool, running)), `tools[${at}].`));
    });
  },
  analyzers(to, given, keep) {
    arrayOf(given, 'analyzers').forEach((analyzer, at) => {
      need(analyzer?.measure, `analyzers[${at}].measure`);
      knowAll(analyzer, ['name', 'measure'], `analyzers[${at}].`);
      const name = textOf(analyzer.name, `analyzers[${at}].name`);
      addAnalyzer(to, struct('scena_analyzer', { ...keep(analyzerTable(analyzer)), name }));
    });
  },
  filter(to, filter, keep, running) {
    const checks = ['checkInput', 'checkOutput'].filter((check) => filter?.[check] !== undefined);
    if (checks.length === 0) throw refused('filter: it has neither checkInput nor checkOutput');
    for (const check of checks) need(filter[check], `filter.${check}`);
    knowAll(filter, ['holdBack', 'checkInput', 'checkOutput'], 'filter.');
    setFilter(to, struct('scena_filter', { ...keep(filterTable(filter, running)), hold_back: filter.holdBack }, 'filter.'));
  },
  toolApproval(to, approve, keep, running) {
    need(approve, 'toolApproval');
    setApproval(to, struct('scena_tool_approval', keep(approvalTable(approve, running))));
  },
  jobHandlers(to, given, keep, running) {
    for (const [kind, handler] of entriesOf(given, 'jobHandlers')) {
      const { run, parallel, timeLimitMs } = withFunction(handler, 'run');
      need(run, `jobHandlers.${kind}`);
      knowAll(handler, ofJobs, `jobHandlers.${kind}.`);
      addJobHandler(to, kind, struct('scena_job_handler', {
        ...keep(jobTable('scena_job_handler', run, running)), parallel, time_limit_ms: timeLimitMs,
      }, `jobHandlers.${kind}.`));
    }
  },
  eventSinks(to, given, keep, running) {
    for (const [name, sink] of entriesOf(given, 'eventSinks')) {
      const { deliver, events, tenant, parallel, timeLimitMs, maxAttempts, maxWaiting } = withFunction(sink, 'deliver');
      need(deliver, `eventSinks.${name}`);
      const place = `eventSinks.${name}.`;
      knowAll(sink, ofSinks, place);
      addEventSink(to, name, struct('scena_event_sink', {
        ...keep(jobTable('scena_event_sink', deliver, running)), events: listOf(events, `${place}events`), tenant, parallel, time_limit_ms: timeLimitMs,
        max_attempts: maxAttempts, max_waiting: maxWaiting,
      }, place));
    }
  },
  embedders(to, given, keep, running) {
    for (const [name, embedder] of entriesOf(given, 'embedders')) {
      need(embedder?.embed, `embedders.${name}.embed`);
      addEmbedder(to, name, struct('scena_embedder', keep(embedderTable(embedder, running))));
    }
  },
  tokenCounters(to, given, keep) {
    for (const [models, count] of entriesOf(given, 'tokenCounters')) {
      need(count, `tokenCounters.${models}`);
      addCounter(to, models, struct('scena_token_counter', keep(counterTable(count))));
    }
  },
  secrets(to, find, keep) {
    if (typeof find !== 'function') throw refused('secrets: must be a function, such as (name) => process.env[name]');
    setSecrets(to, struct('scena_secret_source', keep(secretsTable(find))));
  },
};
