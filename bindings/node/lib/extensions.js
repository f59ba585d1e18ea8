// Providers and tools written in JavaScript, as the tables that the C ABI takes.
import { numberOf } from './errors.js';
import { Logs } from './logs.js';
import { addressOf, fallible, plain, struct, table } from './native.js';
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
const allow = plain('void scena_approval_allow(void *)');
const refuse = plain('void scena_approval_refuse(void *, const char *)');

const flags = { idempotent: 1, everywhere: 2, needsApproval: 4 };
const told = (error) => (error instanceof Error ? error.message : String(error));

/** Thrown by the handler of a job: trying again is of no use. */
export class GiveUp extends Error {}

// Each start gets an AbortSignal; `work` always ends the handle and never rejects.
function answering(name, work) {
  const running = new Map();
  return table(name, {
    start(json, handle) {
      const address = addressOf(handle);
      const controller = new AbortController();
      running.set(address, controller);
      // Not inside the callback: the host's code may call the engine, which a callback may not.
      setImmediate(() => work(JSON.parse(json), handle, controller.signal, () => running.delete(address)));
    },
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

function jobTable(run) {
  return answering('scena_job_handler', async (job, handle, signal, ended) => {
    try {
      const result = await run(job, { signal });
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
  { providers = {}, tools = [], analyzers = [], filter, toolApproval, jobHandlers = {}, onLog }, use,
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
      addJobHandler(out[0], kind, struct('scena_job_handler', { ...jobTable(run), parallel, time_limit_ms: timeLimitMs }));
    }
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
