// The engine.
import type { ErrorCode } from './errors.js';
import type { Extensions } from './extensions.js';
import type { Job, JobOptions, JobState } from './jobs.js';
import type { SessionInfo, State, TurnResult, Usage } from './messages.js';
import type { AnalyticsBy, AnalyticsQuery, AnalyticsRow, CostQuery, CostRow, FlowRow } from './reports.js';
import type { Session, SessionOptions } from './session.js';

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
  error?: { code: ErrorCode; message: string };
}
export interface ServiceHealth {
  breaker: 'closed' | 'open' | 'half_open';
  wait_ms: number;
  times_opened: number;
  answered: number;
  failed: number;
  refused: number;
}
export interface EngineStats {
  sessions_loaded: number;
  commits_waiting: number;
  commands_refused: number;
  deltas_merged: number;
  viewers_lagged: number;
  jobs_running: number;
  jobs_refused: number;
}

/** One engine, on Node's own loop: everything runs on the JavaScript thread. */
export class Engine {
  /** @throws ScenaError with every fault of the configuration (docs/reference/configuration.md). */
  constructor(config?: Record<string, unknown>, extensions?: Extensions);
  /** The same engine under somebody's rights; closing it ends nothing. */
  as(principal: Principal): Engine;
  /** @param preset the id of a stored or built-in preset, or a preset itself. */
  createSession(preset: string | object, options?: SessionOptions): Session;
  session(id: string): Session;
  sessions(query?: { state?: State; after?: string; limit?: number }): { sessions: SessionInfo[]; next: string };
  presets(query?: { category?: string; after?: string; limit?: number }): { presets: PresetInfo[]; next: string };
  preset(id: string): Record<string, unknown>;
  capabilities(): Record<string, unknown>;
  exportSession(id: string, format?: 'json' | 'jsonl' | 'markdown'): string;
  /** Stores a preset for later sessions. This and the next four resolve when it is stored; none holds the thread. */
  putPreset(preset: object | string): Promise<void>;
  removePreset(id: string): Promise<void>;
  /** Stores the built-in presets that are not stored yet. Resolves with how many were new. */
  seedPresets(): Promise<number>;
  /** Stores a session exported as JSON under its own id. */
  importSession(json: object | string): Promise<Session>;
  /** Makes the stored projections of a session anew. Resolves with whether they were equal already. */
  rebuild(id: string): Promise<boolean>;
  /** How stored sessions ended, a row for each combination of `by`; read on a thread of Node's pool. */
  analytics(query?: AnalyticsQuery & { by?: AnalyticsBy[] }): Promise<AnalyticsRow[]>;
  /** How sessions went from one speaker to the next, and where they left; read on a thread of Node's pool. */
  flow(query?: AnalyticsQuery): Promise<FlowRow[]>;
  /** Stores a background job; `payload`: a text, or what becomes JSON. */
  enqueueJob(kind: string, payload: object | string, options?: JobOptions): Promise<Job>;
  /** Ends a job that waits or runs; one that has ended stays as it is. */
  cancelJob(id: string): Promise<Job>;
  /** Makes a dead, dropped or cancelled job wait again, with all its attempts. */
  requeueJob(id: string): Promise<Job>;
  job(id: string): Job;
  jobs(query?: { kind?: string; state?: JobState; after?: number; limit?: number }): { jobs: Job[]; next: number };
  jobCounts(): { kind: string; state: JobState; count: number }[];
  /** Writes a consistent copy of the store, on a thread of Node's pool. */
  backup(path: string): Promise<void>;
  updatePolicy(policy: object | string): void;
  setProviders(providers: object | string): void;
  setPrices(prices: object | string): void;
  setModels(catalog: object | string): void;
  /** Adds up the ledger: a row for each combination of `by` that has calls. */
  costs(query?: CostQuery): CostRow[];
  cacheFigures(): Record<string, { hits: number; misses: number; bytes: number; saved: string }>;
  serviceHealth(): Record<string, ServiceHealth>;
  stats(): EngineStats;
  /** Asks a model service outside of any session. A failed call, or one that was aborted, is an answer, too. */
  complete(provider: string, request: CompletionRequest | string, options?: {
    onText?(text: string): void;
    signal?: AbortSignal;
  }): Promise<Completion>;
  embed(texts: string[], options?: {
    provider?: string;
    model?: string;
    dimensions?: number;
    purpose?: 'document' | 'query' | 'classification' | 'clustering';
  }): Promise<{ model: string; dimensions: number; vectors: number[][]; usage: Usage }>;
  /** Runs what is ready. Node's loop does it by itself; with a virtual clock the host does. */
  poll(): void;
  /** Milliseconds until the next timer, 0 for work left over, undefined when there is none. */
  nextDeadline(): number | undefined;
  /** Moves virtual time on, running every timer on the way. */
  advance(ms: number): void;
  /** Running turns end as interrupted; what is waited for rejects with code `closed`. */
  close(): void;
  [Symbol.asyncDispose](): Promise<void>;
}
