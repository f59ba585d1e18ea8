// Providers and tools written in JavaScript, as the tables that the C ABI takes.
import { numberOf } from './errors.js';
import { Logs } from './logs.js';
import { NOT_FOUND, OK, UNAVAILABLE, addressOf, fallible, list, plain, struct, table } from './native.js';
import { analyzerTable, filterTable } from './watchers.js';

const create = fallible('scena_extensions_create', ['_Out_ void **']);
const destroy = plain('void scena_extensions_destroy(void *)');
const addProvider = fallible('scena_extensions_add_provider', ['void *', 'const char *', 'scena_provider *']);
const addTool = fallible('scena_extensions_add_tool', ['void *', 'scena_tool *']);
const addAnalyzer = fallible('scena_extensions_add_analyzer', ['void *', 'scena_analyzer *']);
const setFilter = fallible('scena_extensions_set_filter', ['void *', 'scena_filter *']);
const setApproval = fallible('scena_extensions_set_tool_approval', ['void *', 'scena_tool_approval *']);
const replyText = plain('int32_t scena_reply_text(void *, const char *, size_t)');
const replyReasoning = plain('int32_t scena_reply_reasoning(void *, const char *, size_t)');
const replyToolCall = plain('int32_t scena_reply_tool_call(void *, const char *, const char *, const char *)');
const replyUsage = plain('int32_t scena_reply_usage(void *, int64_t, int64_t)');
const replyFinish = plain('void scena_reply_finish(void *, const char *)');
const replyFail = plain('void scena_reply_fail(void *, int32_t, const char *)');
const callSucceed = plain('void scena_tool_call_succeed(void *, const char *, size_t)');
const callFail = plain('void scena_tool_call_fail(void *, const char *)');
const addJobHandler = fallible('scena_extensions_add_job_handler', ['void *', 'const char *', 'scena_job_handler *']);
const jobSucceed = plain('void scena_job_run_succeed(void *, const char *, size_t)');
const jobFail = plain('void scena_job_run_fail(void *, const char *)');
const jobGiveUp = plain('void scena_job_run_give_up(void *, const char *)');
const addEventSink = fallible('scena_extensions_add_event_sink', ['void *', 'const char *', 'scena_event_sink *']);
const addEmbedder = fallible('scena_extensions_add_embedder', ['void *', 'const char *', 'scena_embedder *']);
const setSecrets = fallible('scena_extensions_set_secret_source', ['void *', 'scena_secret_source *']);
const addCounter = fallible('scena_extensions_add_token_counter', ['void *', 'const char *', 'scena_token_counter *']);
const embeddingSucceed = plain('void scena_embedding_succeed(void *, const float *, size_t, size_t, int64_t)');
const embeddingFail = plain('void scena_embedding_fail(void *, int32_t, const char *)');
const setSecret = plain('int32_t scena_secret_set(void *, const char *, size_t)');
const allow = plain('void scena_approval_allow(void *)');
const refuse = plain('void scena_approval_refuse(void *, const char *)');

const flags = { idempotent: 1, everywhere: 2, needsApproval: 4 };
const told = (error) => (error instanceof Error ? error.message : String(error));

/** Thrown by the handler of a job: trying again is of no use. */
export class GiveUp extends Error {}

// Each start gets an AbortSignal; `work` always ends the handle and never rejects.
function answering(name, work) {
  const running = new Map();
  const start = (json, handle, job) => {
    const address = addressOf(handle);
    const controller = new AbortController();
    running.set(address, controller);
    // Not inside the callback: the host's code may call the engine, which a callback may not.
    setImmediate(() => work(JSON.parse(json), handle, controller.signal, () => running.delete(address), job));
  };
  return table(name, {
    start,
    deliver: (event, job, handle) => start(event, handle, job),
    cancel(handle) {
      running.get(addressOf(handle))?.abort();
    },
  });
}

function providerTable(provider) {
  return answering('scena_provider', async (request, handle, signal, ended) => {
    try {
      let reason = null;
      for await (const piece of provider.reply(request, { signal })) {
        if (signal.aborted) break;
        if (typeof piece === 'string') replyText(handle, piece, Buffer.byteLength(piece));
        else if (piece.toolCall) {
          const { id = null, name, arguments: given = {} } = piece.toolCall;
          replyToolCall(handle, id, name, JSON.stringify(given));
        } else if (piece.reasoning) replyReasoning(handle, piece.reasoning, Buffer.byteLength(piece.reasoning));
        else if (piece.usage) replyUsage(handle, piece.usage.inputTokens ?? -1, piece.usage.outputTokens ?? -1);
        else if (piece.finishReason) reason = piece.finishReason;
      }
      ended();
      replyFinish(handle, reason);
    } catch (error) {
      ended();
      replyFail(handle, numberOf(error?.code), told(error));
    }
  });
}

function toolTable(tool) {
  return answering('scena_tool', async (request, handle, signal, ended) => {
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
function jobTable(name, run) {
  return answering(name, async (given, handle, signal, ended, job) => {
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

function embedderTable(embedder) {
  return answering('scena_embedder', async (request, handle, signal, ended) => {
    try {
      const given = await embedder.embed(request.texts, { request, signal });
      const { vectors, inputTokens = -1 } = Array.isArray(given) ? { vectors: given } : given;
      const dimensions = vectors[0]?.length ?? 0;
      // One that is shorter or longer would shift all behind it.
      if (vectors.some((vector) => vector.length !== dimensions)) throw new TypeError('the vectors differ in length');
      const values = new Float32Array(vectors.length * dimensions);
      vectors.forEach((vector, i) => values.set(vector, i * dimensions));
      ended();
      embeddingSucceed(handle, values, vectors.length, dimensions, inputTokens);
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
        setSecret(handle, secret, Buffer.byteLength(secret));
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

function approvalTable(approve) {
  return answering('scena_tool_approval', async (request, handle, signal, ended) => {
    let verdict;
    try {
      verdict = await approve(request);
    } catch (error) {
      verdict = told(error);
    }
    ended();
    if (verdict === true) allow(handle);
    else refuse(handle, typeof verdict === 'string' ? verdict : null);
  });
}

/** Calls `use(extensions)` with what the host brings as the C ABI has it. Gives the log lines to come, if they are wanted. */
export function withExtensions(
  {
    providers = {}, embedders = {}, tokenCounters = {}, tools = [], analyzers = [], filter, toolApproval, jobHandlers = {},
    eventSinks = {}, secrets, onLog,
  }, use,
) {
  const out = [null];
  create(out);
  try {
    for (const [name, provider] of Object.entries(providers)) {
      addProvider(out[0], name, struct('scena_provider', providerTable(provider)));
    }
    for (const tool of tools) {
      addTool(out[0], struct('scena_tool', {
        ...toolTable(tool),
        flags: Object.keys(flags).reduce((sum, flag) => sum + (tool[flag] ? flags[flag] : 0), 0),
        name: tool.name,
        description: tool.description,
        parameters_json: tool.parameters && JSON.stringify(tool.parameters),
        time_limit_ms: tool.timeLimitMs,
        cache_for_ms: tool.cacheForMs,
        max_result_bytes: tool.maxResultBytes,
        max_result_tokens: tool.maxResultTokens,
      }));
    }
    for (const analyzer of analyzers) addAnalyzer(out[0], struct('scena_analyzer', analyzerTable(analyzer)));
    if (filter !== undefined) setFilter(out[0], struct('scena_filter', filterTable(filter)));
    if (toolApproval !== undefined) setApproval(out[0], struct('scena_tool_approval', approvalTable(toolApproval)));
    for (const [kind, handler] of Object.entries(jobHandlers)) {
      const { run, parallel, timeLimitMs } = typeof handler === 'function' ? { run: handler } : handler;
      addJobHandler(out[0], kind, struct('scena_job_handler', { ...jobTable('scena_job_handler', run), parallel, time_limit_ms: timeLimitMs }));
    }
    for (const [name, sink] of Object.entries(eventSinks)) {
      const { deliver, events, tenant, parallel, timeLimitMs, maxAttempts, maxWaiting } =
        typeof sink === 'function' ? { deliver: sink } : sink;
      addEventSink(out[0], name, struct('scena_event_sink', {
        ...jobTable('scena_event_sink', deliver), events: list(events), tenant, parallel, time_limit_ms: timeLimitMs,
        max_attempts: maxAttempts, max_waiting: maxWaiting,
      }));
    }
    for (const [name, embedder] of Object.entries(embedders)) {
      addEmbedder(out[0], name, struct('scena_embedder', embedderTable(embedder)));
    }
    for (const [models, count] of Object.entries(tokenCounters)) {
      addCounter(out[0], models, struct('scena_token_counter', counterTable(count)));
    }
    if (secrets !== undefined) setSecrets(out[0], struct('scena_secret_source', secretsTable(secrets)));
    const logs = onLog === undefined ? undefined : new Logs(out[0], onLog);
    try {
      use(out[0]);
    } catch (error) {
      logs?.destroy();
      throw error;
    }
    return logs;
  } finally {
    destroy(out[0]);
  }
}
