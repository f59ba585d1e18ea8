// The engine.
import type { ErrorCode, Failure } from './errors.js';
import type { Extensions } from './extensions.js';
import type { Job, JobOptions, JobState } from './jobs.js';
import type { SessionInfo, State, TurnResult, Usage } from './messages.js';
import type { AgreementRow, AnalyticsBy, AnalyticsQuery, AnalyticsRow, CostQuery, CostRow, FlowRow } from './reports.js';
import type { Session, SessionOptions, WaitOptions } from './session.js';

/** A preset as a list has it; preset() gives all of it. */
export interface PresetInfo {
  /** What createSession() and preset() take. */
  id: string;
  /** A whole number as a text, "1" at first; whoever changes the preset counts it up. */
  version: string;
  /** For people. */
  title: string;
  /** What it is about, in a sentence or two; may be empty. */
  description: string;
  /** Such as "interview", for the `category` of presets(); may be empty. */
  category: string;
  /** It comes with the library, and no stored one has its id. */
  builtin: boolean;
}

/** On whose behalf calls are made; the role "host" has all rights. */
export interface Principal {
  /** Whose store it is: tenants never see each other. Left out: "default". */
  tenant?: string | undefined;
  /** The user's id, as in SessionOptions.owner; left out: a guest, unless it is the host. */
  subject?: string | undefined;
  /** "host" has all rights, "guest" the limits of guests; other names are the host's own. Left out: none. */
  roles?: string[] | undefined;
  /** Id of the participant of a session that this one speaks and sees as; left out: none. */
  participant?: string | undefined;
  /** What the user pays for: rules of the policy ask for it. Left out: none. */
  tier?: string | undefined;
  /** Where the call comes from, for limits by address; left out: not known. */
  address?: string | undefined;
  /** Name of the API key in use, never the secret, for limits by key; left out: none. */
  key?: string | undefined;
}
/** What complete() asks of a model. What is left out is the service's own default. */
export interface CompletionRequest {
  /** The conversation, oldest first; the reply answers the last one. */
  messages: {
    /** Who says it; left out: "user". "tool": the result of a call that the model asked for. */
    role?: 'user' | 'assistant' | 'system' | 'tool' | undefined;
    /** What is said; of a tool its result as the model reads it. */
    text: string;
    /**
     * `name`; of an assistant `tool_calls` and `state`, of a tool `tool_call_id` and `tool_failed`. Others are refused.
     */
    [member: string]: unknown;
  }[];
  /** As the service names it, or an alias of the policy; left out: the one in the provider's configuration. */
  model?: string | undefined;
  /** The system prompt; left out: none. */
  system?: string | undefined;
  /** 0 to 2, of some services 0 to 1. */
  temperature?: number | undefined;
  /** Of the reply, 1 or more. */
  max_tokens?: number | undefined;
  /** A whole number, for services that repeat a reply by it. */
  seed?: number | undefined;
  /**
   * JSON schema, an object or its JSON, that the reply must follow: one that does not fails with the code protocol.
   * Refusals and calls of tools are not judged.
   */
  json_schema?: object | string | undefined;
  /** What the model may ask for: `name`, `description`, `parameters` (a JSON schema), `strict`. The host calls them. */
  tools?: object[] | undefined;
  /**
   * `top_p`, `stop`, `reasoning_effort`, `tool_choice`, `tool_choice_name`, `stream`, `cache_prompt`,
   * `refuse_unsupported` (docs/reference/c-extensions.md). Others are refused.
   */
  [member: string]: unknown;
}
/** What a model answered outside of a session. `cost` is a decimal number as a text, `error` is there when the call failed. */
export interface Completion {
  /** Who answered, by name: "openai", "script", a provider of the host's. */
  provider: string;
  /** As the provider names it. */
  model: string;
  /** The provider's own id of this exchange, for its support; may be empty. */
  request_id: string;
  /** The response cache had the answer: no service was asked, and it costs nothing. */
  cached: boolean;
  /** "complete" only when the provider's own end mark was seen. */
  outcome: TurnResult['outcome'];
  /** Of a complete reply, as TurnResult.finish_reason; absent: the provider gave none. */
  finish_reason?: string;
  /** The provider's own word for it, of failed replies, too; may be empty. */
  raw_reason: string;
  /** The whole reply, or what came before it failed. */
  text: string;
  /** What the service shows of the model's thinking, no part of `text`; may be empty. */
  reasoning: string;
  /** The model's words for why it does not answer, where the service tells them apart; else empty. */
  refusal: string;
  /** In the order in which they began, whole ones only. Nothing calls them: the host does, and asks again. */
  tool_calls: {
    /** What `tool_call_id` of the message with the result names; never empty. */
    id: string;
    /** As the model sent it: perhaps none of those offered. */
    name: string;
    /** A JSON object as a text; what came where it is not `valid`. */
    arguments: string;
    /** False: the token limit cut it, or it is no JSON object. */
    valid: boolean;
  }[];
  /** Sources that the reply names, in the order in which they came. */
  citations: {
    /** What is cited, or the part of the reply that it backs; may be empty. */
    text: string;
    /** Of the source; may be empty. */
    title: string;
    /** Of the source; may be empty. */
    url: string;
  }[];
  /**
   * Opaque: goes into `state` of the assistant's message in the next request, unchanged; empty: nothing to hand back.
   */
  state: string;
  /** What the service counted, and an estimate, marked so, where it counted nothing. */
  usage: Usage;
  /** USD, by the prices configured; "0" without a price. */
  cost: string;
  /** Set unless the reply is complete. */
  error?: Failure;
}
/** How a model service does; counts are calls, `wait_ms` is in milliseconds until its breaker lets a call through. */
export interface ServiceHealth {
  /** "closed": it is asked; "open": it is not, for a while; "half_open": one call tries whether it is back. */
  breaker: 'closed' | 'open' | 'half_open';
  /** 0 unless the breaker is open. */
  wait_ms: number;
  /** How often it failed too often in a row. */
  times_opened: number;
  /** Calls that ended well. */
  answered: number;
  /** Calls whose end speaks against the service; a refused key does not. */
  failed: number;
  /** Calls that were not made because the breaker was open: `circuit_open`, or a fallback. */
  refused: number;
  /** Calls whose key the service did not take. */
  rejected: number;
  /** Of the last failed or rejected call; absent: there was none. */
  last_error?: ErrorCode;
}
/** What an engine holds now, and counts since it was made. */
export interface EngineStats {
  /** Sessions in memory now; at most `limits.sessions_loaded`. */
  sessions_loaded: number;
  /** Batches of events now that the store has not taken yet. */
  commits_waiting: number;
  /** Commands refused with `overloaded`: more than `limits.commands_per_session` of one session waited. */
  commands_refused: number;
  /** Deltas that were put together because a viewer was slow; no text is lost. */
  deltas_merged: number;
  /** Viewers that merging did not help, so that their queue ended with `lagged`; events() goes on behind it by itself. */
  viewers_lagged: number;
  /** Attempts at jobs under way now. */
  jobs_running: number;
  /** Jobs refused with `overloaded`: more than `jobs.max_open` of one kind were open. */
  jobs_refused: number;
  /** Nothing is under way: what runUntilIdle() waits for. */
  idle: boolean;
}
/** How an engine is made, beside its configuration. */
export interface EngineOptions {
  /**
   * The environment replaces members of the configuration, by the variables of docs/reference/configuration.md: how a
   * server is deployed. Nothing else in the library reads it. `SCENA_THREADS` other than 0 is refused.
   */
  fromEnv?: boolean | undefined;
}

/**
 * One engine, on Node's own loop: everything runs on the JavaScript thread. It lives until it is closed.
 */
export class Engine {
  /**
   * Makes an engine on a thread of Node's pool, so that a store that has to be made, recovered or synced holds nobody up.
   * With `secrets` it is made on the JavaScript thread, as by the constructor: no other thread may call that function.
   * Rejects with a ScenaError that has every fault of the configuration (docs/reference/configuration.md), an object or its
   * JSON. `threads` and `watcher` are fixed in Node, 0 and "pipe": other values are refused. After an abort the engine that
   * was being made is closed; the promise has rejected by then.
   */
  static open(config?: Record<string, unknown> | string, extensions?: Extensions, options?: EngineOptions & WaitOptions): Promise<Engine>;
  /**
   * The same at once: the JavaScript thread waits for the store, a few syncs when that is a new file. For scripts, and
   * for stores in memory.
   * @throws ScenaError with every fault of the configuration.
   */
  constructor(config?: Record<string, unknown> | string, extensions?: Extensions, options?: EngineOptions);
  /** The same engine under somebody's rights; closing it ends nothing. */
  as(principal: Principal): Engine;
  /**
   * Makes a session, which may be used at once: it is stored behind this call, and what was asked of it rejects where
   * that failed.
   * @param preset the id of a stored or built-in preset, or a preset itself.
   * @throws NotFoundError for an unknown id; InvalidArgumentError with every fault of the options or the preset.
   */
  createSession(preset: string | object, options?: SessionOptions): Session;
  /** Opens a stored session. @throws NotFoundError */
  session(id: string): Session;
  /** A page of sessions, the one created last first; under somebody's rights those that the subject owns. */
  sessions(query?: {
    /** Only those in it; left out: all. */
    state?: State | undefined;
    /** `next` of the page before; left out or empty: the first page. */
    after?: string | undefined;
    /** Sessions in a page, up to 1000; 0, or left out: 50. */
    limit?: number | undefined;
  }): {
    /** At most `limit` of them. */
    sessions: SessionInfo[];
    /** Goes into `after` for the page behind this one; empty: this was the last. */
    next: string;
  };
  /** A page of the stored and built-in presets, by their ids. */
  presets(query?: {
    /** Only those of it; left out: all. */
    category?: string | undefined;
    /** `next` of the page before; left out or empty: the first page. */
    after?: string | undefined;
    /** Presets in a page, up to 1000; 0, or left out: 50. */
    limit?: number | undefined;
  }): {
    /** At most `limit` of them. */
    presets: PresetInfo[];
    /** Goes into `after` for the page behind this one; empty: this was the last. */
    next: string;
  };
  /** A preset as JSON (docs/reference/presets.md). @throws NotFoundError */
  preset(id: string): Record<string, unknown>;
  /** What this library is built with and how this engine is set up; no network call. */
  capabilities(): Record<string, unknown>;
  /** The whole session as a text; read on a thread of Node's pool. */
  exportSession(id: string, format?: 'json' | 'jsonl' | 'markdown', options?: WaitOptions): Promise<string>;
  /** Stores a preset for later sessions. This and the next four resolve when it is stored; none holds the thread. */
  putPreset(preset: object | string, options?: WaitOptions): Promise<void>;
  /** Takes a stored preset away; sessions that have it keep theirs. */
  removePreset(id: string, options?: WaitOptions): Promise<void>;
  /** Stores the built-in presets that are not stored yet. Resolves with how many were new. */
  seedPresets(options?: WaitOptions): Promise<number>;
  /** Stores a session exported as JSON under its own id. */
  importSession(json: object | string, options?: WaitOptions): Promise<Session>;
  /** Makes the stored projections of a session anew. Resolves with whether they were equal already. */
  rebuild(id: string, options?: WaitOptions): Promise<boolean>;
  /**
   * Erases everything of one user: the sessions that it owns or takes or took part in, whole, with every
   * fork, what is kept beside them, and the bytes of all this in the store's files. Resolves with how many went.
   */
  eraseUser(subject: string, options?: WaitOptions): Promise<number>;
  /** How stored sessions ended, a row for each combination of `by`; read on a thread of Node's pool. */
  analytics(query?: AnalyticsQuery & {
    /** What rows are told apart by, and sorted by, each once; left out: one row of everything. */
    by?: AnalyticsBy[] | undefined;
  }, options?: WaitOptions): Promise<AnalyticsRow[]>;
  /** How sessions went from one speaker to the next, and where they left; read on a thread of Node's pool. */
  flow(query?: AnalyticsQuery, options?: WaitOptions): Promise<FlowRow[]>;
  /** How far a model's second opinions agree with the measured scores, a row for each preset and metric judged. */
  judgeAgreement(query?: AnalyticsQuery, options?: WaitOptions): Promise<AgreementRow[]>;
  /** Stores a background job; `payload`: a text, or what becomes JSON. */
  enqueueJob(kind: string, payload: object | string, options?: JobOptions & WaitOptions): Promise<Job>;
  /** Ends a job that waits or runs; one that has ended stays as it is. */
  cancelJob(id: string, options?: WaitOptions): Promise<Job>;
  /** Makes a dead, dropped or cancelled job wait again, with all its attempts. */
  requeueJob(id: string, options?: WaitOptions): Promise<Job>;
  /** A job as it stands now. @throws NotFoundError */
  job(id: string): Job;
  /** A page of jobs, in the order of their storing; those of the engine's own (`scena.analytics`, ...) among them. */
  jobs(query?: {
    /** Only those of it; left out: of every kind. */
    kind?: string | undefined;
    /** Only those in it; left out: in every state. "dead" and "dropped" are the dead letters. */
    state?: JobState | undefined;
    /** `next` of the page before; left out or 0: the first page. */
    after?: number | undefined;
    /** Jobs in a page, up to 1000; 0, or left out: 100. */
    limit?: number | undefined;
  }): {
    /** At most `limit` of them. */
    jobs: Job[];
    /** Goes into `after` for the page behind this one; 0: this was the last. */
    next: number;
  };
  /** How many jobs there are of each kind in each state; pairs without a job have no row. */
  jobCounts(): {
    /** As in enqueueJob(), or one of the engine's own. */
    kind: string;
    /** See JobState: some of them have ended. */
    state: JobState;
    /** 1 or more. */
    count: number;
  }[];
  /** Writes a consistent copy of the store, on a thread of Node's pool. */
  backup(path: string, options?: WaitOptions): Promise<void>;
  /** Reads the whole store and judges its structure, on a thread of Node's pool. Takes as long as reading the file. */
  checkStorage(options?: WaitOptions): Promise<void>;
  /** Limits, retry, breaker, cache and budgets anew, for what begins from now on (docs/guide/policy.md). */
  updatePolicy(policy: object | string): void;
  /** Other model services for what begins from now on; those written in JavaScript are given with the engine. */
  setProviders(providers: object | string): void;
  /** Prices by model for what is booked from now on. */
  setPrices(prices: object | string): void;
  /** What models can do, beside the built-in catalogue. */
  setModels(catalog: object | string): void;
  /** Adds up the ledger: a row for each combination of `by` that has calls. */
  costs(query?: CostQuery): CostRow[];
  /**
   * What the response cache has saved since the engine was made, by the model that was asked for ("": the service's
   * default); "*" has those behind the first thousand.
   */
  cacheFigures(): Record<string, {
    /** Calls that were answered from it. */
    hits: number;
    /** Calls that asked the service. */
    misses: number;
    /** Given out of it. */
    bytes: number;
    /** USD that the hits would have cost, a decimal number as a text. */
    saved: string;
  }>;
  /** How the model services do, by name. */
  serviceHealth(): Record<string, ServiceHealth>;
  /** What the engine holds now. */
  stats(): EngineStats;
  /**
   * Asks a model service outside of any session. A failed call, or one that was aborted, is an answer, too. What `onText`
   * throws, or a promise of its rejects with, ends the call, and the promise rejects with it.
   */
  complete(provider: string, request: CompletionRequest | string, options?: {
    /** Hears the reply's text while it comes, piece by piece, each of whole characters. */
    onText?(text: string): void;
    /** Ends the call, which resolves with outcome "cancelled"; aborted before, it rejects and nothing is asked. */
    signal?: AbortSignal | undefined;
  }): Promise<Completion>;
  /** Vectors of texts, in their order; up to 100,000 texts, none empty. No budget is asked, and nothing is booked. */
  embed(texts: string[], options?: WaitOptions & {
    /** Name of an embedder or a configured service, or its URL; left out: the configuration's provider. */
    provider?: string | undefined;
    /** As the service names it; left out: the configured one, and without that the promise rejects. */
    model?: string | undefined;
    /** Numbers in each vector, where the model can make shorter ones, from 1; left out: the model's own. */
    dimensions?: number | undefined;
    /** What the vectors are for, told to services that make different ones; left out: "document". */
    purpose?: 'document' | 'query' | 'classification' | 'clustering' | undefined;
  }): Promise<{
    /** The one asked for, else the configured one; empty where an embedder of the host's was asked for none. */
    model: string;
    /** Numbers in each vector. */
    dimensions: number;
    /** One a text, of 32-bit precision. */
    vectors: number[][];
    /** Input tokens of all calls together; `estimated` where none were told, and without a count of the host's own. */
    usage: Usage;
  }>;
  /** Runs what is ready. Node's loop does it by itself; with a virtual clock the host does. */
  poll(): void;
  /** Milliseconds until the next timer, for `advance()` to reach it; 0 for work left over, undefined when there is none. */
  nextDeadline(): number | undefined;
  /** Moves virtual time on, running every timer on the way; at most to 100 years from the clock's start. */
  advance(ms: number): void;
  /**
   * Resolves when every queued command and turn, and every job whose time has come, is done; never holds the JavaScript
   * thread. Virtual time moves on as needed, and stands still while a function written in JavaScript is at work whose
   * answer somebody waits for. Behind `timeoutMs`, of the engine's clock or, while that stands still, of real time, what is under way goes on.
   * @throws ClosedError, and TimeoutError when the engine was not idle in time.
   */
  runUntilIdle(options?: WaitOptions & {
    /** Milliseconds, from 0; fractions count. Left out: no limit. */
    timeoutMs?: number | undefined;
  }): Promise<void>;
  /**
   * Running turns end as interrupted and are stored, the store is let go, and the promise resolves; what is waited for
   * otherwise rejects with code `closed`. Never holds the JavaScript thread; safe anywhere and more than once. An engine
   * of as() ends nothing. An abort ends the waiting alone: the engine closes all the same.
   */
  close(options?: WaitOptions): Promise<void>;
  /**
   * The same at once: the JavaScript thread waits until everything is stored. For ends that cannot wait.
   * @throws WrongStateError inside a function that the engine calls at once: `measure`, `secrets`, a token counter, `onText`.
   */
  closeSync(): void;
  /** close(), for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
