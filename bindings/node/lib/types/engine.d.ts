// The engine.
import type { ErrorCode, Failure } from './errors.js';
import type { Extensions } from './extensions.js';
import type { Job, JobOptions, JobState } from './jobs.js';
import type { SessionInfo, State, TurnResult, Usage } from './messages.js';
import type { AgreementRow, AnalyticsBy, AnalyticsQuery, AnalyticsRow, CostQuery, CostRow, FlowRow } from './reports.js';
import type { Session, SessionOptions, WaitOptions } from './session.js';

/** A preset as a list has it; preset() gives all of it. */
export interface PresetInfo {
  id: string;
  version: string;
  title: string;
  description: string;
  category: string;
  builtin: boolean;
}

/** On whose behalf calls are made; the role "host" has all rights. */
export interface Principal {
  tenant?: string;
  subject?: string;
  roles?: string[];
  participant?: string;
  tier?: string;
  address?: string;
  key?: string;
}
/** What complete() asks of a model. What is left out is the service's own default. */
export interface CompletionRequest {
  messages: { role?: 'user' | 'assistant' | 'system' | 'tool'; text: string; [member: string]: unknown }[];
  model?: string;
  system?: string;
  temperature?: number;
  max_tokens?: number;
  seed?: number;
  json_schema?: object | string;
  tools?: object[];
  [member: string]: unknown;
}
/** What a model answered outside of a session. `cost` is a decimal number as a text, `error` is there when the call failed. */
export interface Completion {
  provider: string;
  model: string;
  request_id: string;
  cached: boolean;
  outcome: TurnResult['outcome'];
  finish_reason?: string;
  raw_reason: string;
  text: string;
  reasoning: string;
  refusal: string;
  tool_calls: { id: string; name: string; arguments: string; valid: boolean }[];
  citations: { text: string; title: string; url: string }[];
  state: string;
  usage: Usage;
  cost: string;
  error?: Failure;
}
/** How a model service does; counts are calls, `wait_ms` is in milliseconds until its breaker lets a call through. */
export interface ServiceHealth {
  breaker: 'closed' | 'open' | 'half_open';
  wait_ms: number;
  times_opened: number;
  answered: number;
  failed: number;
  refused: number;
  /** Calls whose key the service did not take. */
  rejected: number;
  /** Of the last failed or rejected call; absent: there was none. */
  last_error?: ErrorCode;
}
/** What an engine holds now, and counts since it was made. */
export interface EngineStats {
  sessions_loaded: number;
  commits_waiting: number;
  commands_refused: number;
  deltas_merged: number;
  viewers_lagged: number;
  jobs_running: number;
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
  fromEnv?: boolean;
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
  /** @param preset the id of a stored or built-in preset, or a preset itself. */
  createSession(preset: string | object, options?: SessionOptions): Session;
  /** Opens a stored session. @throws NotFoundError */
  session(id: string): Session;
  /**
   * A page of sessions, the one created last first; `next` goes into `after` for the one behind it, empty at the end.
   * `limit`: at most so many, up to 1000; 0, or left out: 50.
   */
  sessions(query?: { state?: State; after?: string; limit?: number }): { sessions: SessionInfo[]; next: string };
  /** A page of the stored and built-in presets; `limit` as for sessions. */
  presets(query?: { category?: string; after?: string; limit?: number }): { presets: PresetInfo[]; next: string };
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
  analytics(query?: AnalyticsQuery & { by?: AnalyticsBy[] }, options?: WaitOptions): Promise<AnalyticsRow[]>;
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
  /** A page of jobs, in the order of their storing; `next` goes into `after`. `limit`: up to 1000; 0, or left out: 100. */
  jobs(query?: { kind?: string; state?: JobState; after?: number; limit?: number }): { jobs: Job[]; next: number };
  /** How many jobs there are of each kind in each state. */
  jobCounts(): { kind: string; state: JobState; count: number }[];
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
  /** What the response cache has saved, by provider. */
  cacheFigures(): Record<string, { hits: number; misses: number; bytes: number; saved: string }>;
  /** How the model services do, by name. */
  serviceHealth(): Record<string, ServiceHealth>;
  /** What the engine holds now. */
  stats(): EngineStats;
  /**
   * Asks a model service outside of any session. A failed call, or one that was aborted, is an answer, too. What `onText`
   * throws, or a promise of its rejects with, ends the call, and the promise rejects with it.
   */
  complete(provider: string, request: CompletionRequest | string, options?: {
    onText?(text: string): void;
    signal?: AbortSignal;
  }): Promise<Completion>;
  /** Vectors of texts, in their order. */
  embed(texts: string[], options?: WaitOptions & {
    provider?: string;
    model?: string;
    dimensions?: number;
    purpose?: 'document' | 'query' | 'classification' | 'clustering';
  }): Promise<{ model: string; dimensions: number; vectors: number[][]; usage: Usage }>;
  /** Runs what is ready. Node's loop does it by itself; with a virtual clock the host does. */
  poll(): void;
  /** Milliseconds until the next timer, for `advance()` to reach it; 0 for work left over, undefined when there is none. */
  nextDeadline(): number | undefined;
  /** Moves virtual time on, running every timer on the way; at most to 100 years from the clock's start. */
  advance(ms: number): void;
  /**
   * Resolves when every queued command and turn, and every job whose time has come, is done; never holds the JavaScript
   * thread. Virtual time moves on as needed, and stands still while a function written in JavaScript is at work. Behind
   * `timeoutMs`, of the engine's clock or, while that stands still, of real time, what is under way goes on.
   * @throws ClosedError, and TimeoutError when the engine was not idle in time.
   */
  runUntilIdle(options?: WaitOptions & { timeoutMs?: number }): Promise<void>;
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
