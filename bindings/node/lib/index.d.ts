/** Why a call failed; docs/reference/errors.md says what each code means. */
export type ErrorCode =
  | 'invalid_argument' | 'wrong_state' | 'unavailable' | 'not_found' | 'conflict' | 'already_exists'
  | 'unauthenticated' | 'permission_denied' | 'rate_limited' | 'quota_exhausted' | 'budget_exhausted' | 'timeout'
  | 'cancelled' | 'network' | 'protocol' | 'provider_error' | 'overloaded' | 'circuit_open' | 'context_overflow'
  | 'content_filtered' | 'too_large' | 'tool_failed' | 'limit_reached' | 'storage_full' | 'storage_failed'
  | 'storage_corrupt' | 'version_mismatch' | 'unsupported' | 'out_of_memory' | 'closed' | 'internal';

/** What calls throw and promises reject with: one of the classes below, by its code. */
export class ScenaError extends Error {
  protected constructor();
  readonly code: ErrorCode;
  /** JSON pointer of the member at fault; empty when there is none. */
  readonly pointer: string;
  /** How long to wait before a retry, where the other side said so. */
  readonly retryAfterMs: number | undefined;
}

export class InvalidArgumentError extends ScenaError { readonly code: 'invalid_argument'; }
export class WrongStateError extends ScenaError { readonly code: 'wrong_state'; }
export class UnavailableError extends ScenaError { readonly code: 'unavailable'; }
export class NotFoundError extends ScenaError { readonly code: 'not_found'; }
export class ConflictError extends ScenaError { readonly code: 'conflict'; }
export class AlreadyExistsError extends ScenaError { readonly code: 'already_exists'; }
export class UnauthenticatedError extends ScenaError { readonly code: 'unauthenticated'; }
export class PermissionDeniedError extends ScenaError { readonly code: 'permission_denied'; }
export class RateLimitedError extends ScenaError { readonly code: 'rate_limited'; }
export class QuotaExhaustedError extends ScenaError { readonly code: 'quota_exhausted'; }
export class BudgetExhaustedError extends ScenaError { readonly code: 'budget_exhausted'; }
export class TimeoutError extends ScenaError { readonly code: 'timeout'; }
export class CancelledError extends ScenaError { readonly code: 'cancelled'; }
export class NetworkError extends ScenaError { readonly code: 'network'; }
export class ProtocolError extends ScenaError { readonly code: 'protocol'; }
export class ProviderError extends ScenaError { readonly code: 'provider_error'; }
export class OverloadedError extends ScenaError { readonly code: 'overloaded'; }
export class CircuitOpenError extends ScenaError { readonly code: 'circuit_open'; }
export class ContextOverflowError extends ScenaError { readonly code: 'context_overflow'; }
export class ContentFilteredError extends ScenaError { readonly code: 'content_filtered'; }
export class TooLargeError extends ScenaError { readonly code: 'too_large'; }
export class ToolFailedError extends ScenaError { readonly code: 'tool_failed'; }
export class LimitReachedError extends ScenaError { readonly code: 'limit_reached'; }
export class StorageFullError extends ScenaError { readonly code: 'storage_full'; }
export class StorageFailedError extends ScenaError { readonly code: 'storage_failed'; }
export class StorageCorruptError extends ScenaError { readonly code: 'storage_corrupt'; }
export class VersionMismatchError extends ScenaError { readonly code: 'version_mismatch'; }
export class UnsupportedError extends ScenaError { readonly code: 'unsupported'; }
export class OutOfMemoryError extends ScenaError { readonly code: 'out_of_memory'; }
export class ClosedError extends ScenaError { readonly code: 'closed'; }
export class InternalError extends ScenaError { readonly code: 'internal'; }

export type State = 'pending' | 'active' | 'paused' | 'completed' | 'error';

/** One entry of a session's log; docs/reference/events.md lists the types. */
export interface Event {
  v: number;
  stream: string;
  seq: number;
  off?: number;
  type: string;
  time: number;
  actor: string;
  cause?: string;
  data: Record<string, unknown>;
  /** Hand it back as `after` to go on behind this event. */
  cursor: string;
  /** The event as it stands in the log, byte for byte; not enumerable. */
  readonly json: string;
}

export interface Usage {
  input_tokens?: number;
  output_tokens?: number;
  cached_input_tokens?: number;
  reasoning_tokens?: number;
  estimated?: boolean;
}

export interface TurnResult {
  turn: string;
  outcome: 'complete' | 'truncated' | 'cancelled' | 'failed' | 'interrupted';
  /** Of a complete reply. */
  finish_reason?: string;
  message: string;
  text: string;
  usage: Usage;
  cost: string;
  error?: { code: ErrorCode; message: string };
  cached: boolean;
  degraded: boolean;
  route: string;
  fallback_for: string;
}

export interface Score {
  metric: string;
  value: number;
  confidence: number;
  label?: string;
  evidence?: { message: string; begin: number; end: number; reason: string }[];
}

/** A model's opinion on one metric of a message, beside the score that was measured. */
export interface JudgedScore {
  metric: string;
  value: number;
  label: string;
  evidence?: { message: string; begin: number; end: number; reason: string }[];
  provider: string;
  model: string;
  cached?: boolean;
}

/** A message as `message.stored` has it (docs/reference/events.md), with what other events say of it. */
export interface Message {
  id: string;
  turn?: string;
  speaker: string;
  from_human?: boolean;
  text?: string;
  outcome?: TurnResult['outcome'];
  finish_reason?: string;
  provider?: string;
  model?: string;
  usage?: Usage;
  cost?: string;
  seq: number;
  /** Microseconds since 1970. */
  time: number;
  superseded: boolean;
  /** Who perceives it; null: everybody. */
  audience: string[] | null;
  metrics: Score[];
  /** Absent where no model judged it. */
  judged?: JudgedScore[];
  tool_rounds?: object[];
}

/** What was sent to a model for a message, and why each part was in or out. */
export interface Explanation {
  message: string;
  turn: string;
  provider: string;
  model: string;
  request: string;
  sha256: string;
  rounds: string[];
  parts: { id: string; source: string; tokens: number; included: boolean; reason: string }[];
}

export interface SessionInfo {
  id: string;
  title: string;
  preset: string;
  state: State;
  owner: string;
  parent: string;
  last_seq: number;
  end_reason: string;
  participants: { id: string; name: string; is_human: boolean; present: boolean; subject?: string }[];
  turns: number;
  messages: number;
  usage: Usage;
  cost: string;
  variables: Record<string, string>;
  labels: Record<string, string>;
  /** Times people skipped something, by step; left out when they never did. */
  escapes?: Record<string, number>;
}

/** What to ask next; an empty text: nothing is left to ask. */
export interface NextQuestion {
  text: string;
  /** Id of the planned question that it asks; empty: none of them. */
  covers: string;
  /** True: the next planned question, and `reason` says why no model's. */
  fallback: boolean;
  reason: '' | 'no_model' | 'schema' | 'repeat' | 'timeout' | 'budget' | 'filtered' | 'failed';
  usage: Usage;
  cost: string;
}

export interface PresetInfo {
  id: string;
  version: string;
  title: string;
  description: string;
  category: string;
  builtin: boolean;
}

export interface CommandOptions {
  /** The same id again gives the first result. */
  commandId?: string;
  /** Ends the waiting; the command itself goes on. */
  signal?: AbortSignal;
}

export interface SendOptions {
  commandId?: string;
  participant?: string;
  character?: string;
  model?: string;
  deadlineMs?: number;
  /** Who perceives the message; empty: hosts; left out: everybody. */
  audience?: string[];
  /** False: the message is stored, and no reply is asked for. */
  reply?: boolean;
  /**
   * JSON schema that the reply must follow. Nobody sees it before it was judged; one that does not follow ends its
   * turn as failed, with the code protocol.
   */
  schema?: object;
  /** With `schema`: a reply that does not follow it is asked for once more, with what was wrong. */
  repair?: boolean;
  /** Cancels the reply; its partial text is stored. */
  signal?: AbortSignal;
}

export interface SessionOptions {
  id?: string;
  owner?: string;
  title?: string;
  provider?: string;
  model?: string;
  seed?: number | bigint;
  commandId?: string;
  variables?: Record<string, string | number | boolean>;
  labels?: Record<string, string>;
  playedBy?: Record<string, 'human' | 'ai'>;
}

export interface EventsOptions {
  /** Cursor of the last event seen; left out: from the beginning; "live": from now. */
  after?: string;
  /** See what this participant may see. */
  participant?: string;
  /** One delta for everything that arrived together. */
  merge?: boolean;
  /** How much may wait; left out: the configuration's. */
  maxEvents?: number;
  maxBytes?: number;
  /** Ends the iteration with its reason. */
  signal?: AbortSignal;
}

/** One message and its reply in the making. */
export class Turn implements AsyncIterable<string> {
  private constructor();
  /** "t1", "t2", ...; empty until the message is stored. */
  readonly id: string;
  /** Resolves once the message is stored; rejects with what it was refused with. */
  accepted(): Promise<void>;
  /** How the turn ended; rejects with what the message was refused with. */
  result(): Promise<TurnResult>;
  /** Ends the reply; its partial text is stored. */
  cancel(): void;
  /** The reply's text, piece by piece; read once. */
  [Symbol.asyncIterator](): AsyncGenerator<string, void, undefined>;
}

/** One running conversation. Dropping it does not end it. */
export class Session {
  private constructor();
  readonly id: string;
  info(): SessionInfo;
  /** Everything the session knows. */
  state(): Record<string, unknown>;
  /** The chosen line, oldest first; with `all` also superseded messages. */
  messages(options?: { all?: boolean }): Message[];
  /** The alternatives of a message, itself included, oldest first. */
  alternatives(message: string): Message[];
  explain(message: string): Explanation;
  /** The analysis that closes the session; code `not_found` before the event analysis.stored. */
  analysis(): Analysis;
  send(text: string, options?: SendOptions): Turn;
  /** Lets a character speak without a new message. */
  prompt(options?: SendOptions): Turn;
  /** A new reply in place of the last one. */
  regenerate(options?: SendOptions): Turn;
  continueReply(options?: SendOptions): Turn;
  /** Replaces a human's message; everything after it leaves the line. */
  edit(message: string, text: string, options?: SendOptions): Turn;
  /** Ends the running turn, if any. */
  cancel(): void;
  start(options?: CommandOptions): Promise<SessionInfo>;
  pause(options?: CommandOptions): Promise<SessionInfo>;
  resume(options?: CommandOptions): Promise<SessionInfo>;
  complete(options?: CommandOptions): Promise<SessionInfo>;
  fail(options?: CommandOptions): Promise<SessionInfo>;
  /** Asks for the analysis of a completed session anew; resolves when it is queued. */
  analyze(options?: CommandOptions): Promise<SessionInfo>;
  undo(options?: CommandOptions): Promise<SessionInfo>;
  remove(options?: CommandOptions): Promise<SessionInfo>;
  choose(message: string, options?: CommandOptions): Promise<SessionInfo>;
  join(participant: { id: string; name?: string; isHuman?: boolean; subject?: string }, options?: CommandOptions):
    Promise<SessionInfo>;
  leave(participant: string, options?: CommandOptions): Promise<SessionInfo>;
  /** A label whose value is null goes. */
  update(changes: { title?: string; labels?: Record<string, string | null> }, options?: CommandOptions):
    Promise<SessionInfo>;
  setVariable(name: string, value: string | number | boolean, options?: CommandOptions): Promise<SessionInfo>;
  /** `data`: an object, or its JSON as it shall stand in the log. */
  annotate(name: string, data: object | string, options?: CommandOptions): Promise<SessionInfo>;
  run(options?: CommandOptions & { maxTurns?: number }): Promise<{ turns: number; reason: string }>;
  askAside(character: string, question: string, options?: CommandOptions & { schema?: object }):
    Promise<{ text: string; usage: Usage; cost: string }>;
  /** What to ask next: of a model where the preset has `next_question`, else the next planned question. */
  nextQuestion(options?: CommandOptions & { character?: string; model?: string }): Promise<NextQuestion>;
  /** Counts that a person skipped something, as the host saw it; words that say so are found by themselves. */
  flagEscape(options?: CommandOptions & { participant?: string; step?: string; reason?: string }): Promise<SessionInfo>;
  /** Resolves with the id of the new session, for Engine.session(). */
  fork(options?: CommandOptions & { message?: string }): Promise<string>;
  /** A viewer with a bounded queue of its own, from this call on; a slow one gets merged deltas and misses nothing. */
  events(options?: EventsOptions): AsyncGenerator<Event, void, undefined>;
}

/** A piece of a reply: text, a call of a tool, what was used, or why it ended. */
export type ReplyPiece =
  | string
  | { reasoning: string }
  | { toolCall: { id?: string; name: string; arguments?: object } }
  | { usage: { inputTokens?: number; outputTokens?: number } }
  | { finishReason: string };

/** A source of replies. `request` is the JSON of docs/reference/c-extensions.md. */
export interface Provider {
  reply(request: Record<string, unknown>, context: { signal: AbortSignal }):
    AsyncIterable<ReplyPiece> | Iterable<ReplyPiece>;
}

/** A function that models may ask for; what it throws, the model is told. */
export interface Tool {
  name: string;
  description?: string;
  /** JSON schema of the arguments. */
  parameters?: object;
  timeLimitMs?: number;
  cacheForMs?: number;
  /** May be called again after a crash. */
  idempotent?: boolean;
  /** Every character may use it. */
  everywhere?: boolean;
  /** Each call is asked for first: `toolApproval`. */
  needsApproval?: boolean;
  maxResultBytes?: number;
  maxResultTokens?: number;
  call(args: Record<string, unknown>, context: { request: Record<string, unknown>; signal: AbortSignal }): unknown;
}

/** A message that an analyzer looks at. */
export interface Said {
  id: string;
  speaker: string;
  fromHuman: boolean;
  text: string;
  /** Microseconds since 1970. */
  time: number;
  latencyMs: number;
}

type Given = Partial<Score> & { value: number };

/** A metric. It looks at its arguments alone, so that the same transcript has the same scores; what it throws: none. */
export interface Analyzer {
  name: string;
  measure(message: Said, history: readonly Said[]): number | Given | Given[] | null | undefined;
}

/** Nothing: the text passes. A text takes its place. {block}: it must not pass. */
export type Verdict = void | null | string | { block?: string };

/** Looks at every text that enters or leaves a model. A check that throws blocks. */
export interface Filter {
  /** Output is delivered only when this many bytes more have arrived. */
  holdBack?: number;
  checkInput?(context: FilterContext, text: string): Verdict | Promise<Verdict>;
  checkOutput?(context: FilterContext, text: string): Verdict | Promise<Verdict>;
}

export interface FilterContext {
  session: string;
  speaker: string;
  isFinal: boolean;
}

/** One log line: a fixed sentence and what varies (docs/guide/logs.md). */
export interface LogRecord {
  time: string;
  level: 'trace' | 'debug' | 'info' | 'warn' | 'error';
  module: string;
  message: string;
  fields?: Record<string, string>;
  /** Lines that were lost in front of this one: a thousand wait, or 1 MiB of them. */
  dropped: number;
}

/** A source of vectors written in JavaScript. */
export interface Embedder {
  /** The vectors of `texts`, in their order and all of one length; what it throws is a failure, with its `code` if it has one. */
  embed(texts: string[], context: { request: Record<string, unknown>; signal: AbortSignal }):
    Vectors | Promise<Vectors>;
}
export type Vectors = ArrayLike<number>[] | { vectors: ArrayLike<number>[]; inputTokens?: number };

/** Takes one event of the store, each at least once; what it throws is a failed delivery, `GiveUp` ends it. */
export type Deliver = (event: Event, context: { job: Job; signal: AbortSignal }) => unknown;
export interface EventSink {
  deliver: Deliver;
  /** Types of durable events, e.g. "message.*"; left out: all. */
  events?: string[];
  tenant?: string;
  parallel?: number;
  timeLimitMs?: number;
  maxAttempts?: number;
  maxWaiting?: number;
}

/** A plan that runs: see docs/reference/batch.md. */
export interface BatchOptions {
  /** Of every engine. */
  config?: object | string;
  /** Where rows and sessions go; run again with the same one, it goes on where it was. Left out: nowhere. */
  folder?: string;
  /** Threads, each with engines of its own. */
  workers?: number;
  /** Runs that failed in an earlier try are made again. */
  retryFailed?: boolean;
  /** What paths in the plan are relative to; left out: where we are. */
  planFolder?: string;
  /** Hears how far it is, the newest only where it is slow. What it throws ends the batch and rejects. */
  onProgress?(now: BatchProgress): void;
  /** Ends the batch, which resolves with what was done. */
  signal?: AbortSignal;
}
export interface BatchProgress {
  total: number;
  done: number;
  failed: number;
  running: number;
  cost: string;
}
export interface BatchResult {
  /** One a session, in the plan's order. */
  rows: Record<string, unknown>[];
  /** All rows, then each combination but for the seed, with intervals. */
  groups: Record<string, unknown>[];
  left: number;
  repeated: number;
  stopped: '' | 'cancelled' | 'money';
  cost: string;
}
/** Runs every combination of a plan on threads of the library; the JavaScript thread stays free. */
export function runBatch(plan: object | string, options?: BatchOptions): Promise<BatchResult>;

/** What a host puts beside scena's own parts. */
export interface Extensions {
  providers?: Record<string, Provider>;
  tools?: Tool[];
  analyzers?: Analyzer[];
  filter?: Filter;
  /** Hears log lines after each poll, and when the engine closes; may call the engine. What it throws is dropped. */
  onLog?(record: LogRecord): void;
  /** By the name that `embed` calls them. */
  embedders?: Record<string, Embedder>;
  /** By how the names of their models begin; "*" fits all. What throws or gives no number counts by four bytes. */
  tokenCounters?: Record<string, (text: string) => number>;
  /** By their names, beside the configured webhooks. */
  eventSinks?: Record<string, Deliver | EventSink>;
  /** The key of that name ("OPENAI_API_KEY"), for keys that the configuration leaves out; undefined: not here. */
  secrets?(name: string): string | undefined;
  /** Who does the background jobs, by their kind. */
  jobHandlers?: Record<string, RunJob | { run: RunJob; parallel?: number; timeLimitMs?: number }>;
  /** true: the call may be made; a text: why not. */
  toolApproval?(request: Record<string, unknown>): boolean | string | Promise<boolean | string>;
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

/** Words of a message that back a finding. */
export interface Quote {
  message: string;
  speaker: string;
  text: string;
}

/** The analysis that closes a session; docs/reference/analysis.md tells what each member means. */
export interface Analysis {
  source: 'offline' | 'model';
  provider?: string;
  model?: string;
  /** Why it is offline although a model was to be asked. */
  fallback?: string;
  summary: string;
  last_seq: number;
  messages: number;
  words: number;
  overall?: number;
  coverage?: number;
  speakers: {
    id: string; name: string; messages: number; words: number; talk_share: number; questions: number;
    sentiment?: number; engagement?: number; evasiveness?: number;
    detections: { what: string; label: string; confidence: number; messages: string[] }[];
  }[];
  criteria: { id: string; title: string; weight: number; score?: number; comment?: string; quotes: Quote[] }[];
  turning_points: { kind: string; quote: Quote; before?: number; after?: number; comment?: string }[];
  evasions: { question?: Quote; answer: Quote; value?: number; reason?: string; comment?: string }[];
  contradictions: { earlier: Quote; later: Quote; value?: number; reason?: string; comment?: string }[];
  escapes?: { step: string; count: number }[];
  questions: {
    id?: string; text: string; coverage: number; asked?: Quote; answer?: Quote;
    status: 'not_asked' | 'asked' | 'unanswered' | 'evaded' | 'partly' | 'answered';
  }[];
  sentiment: { message: string; speaker: string; value: number }[];
  rejected_quotes: number;
  /** Absent where no score was to be judged. */
  judge?: {
    asked: number; judged: number; failed: number;
    agreement: {
      metric: string; messages: number; difference: number; correlation?: number; labelled: number;
      same_label?: number; kappa?: number;
    }[];
  };
  /** The same as one line of JSON, byte for byte; not enumerable. */
  readonly json: string;
}

/** A value with the interval that holds the true one in 95 of 100 repetitions; null without any session. */
export interface Interval {
  count: number;
  value: number | null;
  low: number | null;
  high: number | null;
}

export type AnalyticsBy = 'preset' | 'character' | 'day' | 'month';

export interface AnalyticsQuery {
  preset?: string;
  character?: string;
  /** First and last day, "2026-11-01". */
  from?: string;
  to?: string;
}

/** How sessions ended and what their people thought of them; first the members of `by`. */
export interface AnalyticsRow extends Partial<Record<AnalyticsBy, string>> {
  sessions: number;
  completed: number;
  failed: number;
  ends: Record<string, number>;
  /** Times people skipped something, by step. */
  escapes: Record<string, number>;
  messages: number;
  cost: string;
  completion: Interval;
  satisfied: Interval;
  rating: Interval;
}

/** How many sessions went from one speaker to the next at one step. */
export interface FlowRow {
  preset: string;
  step: number;
  from: string;
  to: string;
  sessions: number;
  share: Interval;
}

export type JobState = 'waiting' | 'running' | 'done' | 'cancelled' | 'dead' | 'dropped';

/** A background job as it stands in the store; times are microseconds since 1970. */
export interface Job {
  id: string;
  kind: string;
  state: JobState;
  payload: string;
  result: string;
  priority: number;
  attempts: number;
  max_attempts: number;
  key: string;
  session: string;
  run_after: number;
  changed: number;
  number: number;
}

/** docs/guide/jobs.md tells what each is good for. */
export interface JobOptions {
  id?: string;
  key?: string;
  join?: boolean;
  priority?: number;
  delayMs?: number;
  maxAttempts?: number;
  session?: string;
}

/** Does the jobs of a kind. What it throws is a failed attempt, which is tried again; `GiveUp` ends the job. */
export type RunJob = (job: Job, context: { signal: AbortSignal }) => unknown;

/** Thrown by the handler of a job: trying again is of no use. */
export class GiveUp extends Error {}

export type CostBy = 'session' | 'user' | 'provider' | 'model' | 'preset' | 'day' | 'month';

export interface CostQuery {
  session?: string;
  user?: string;
  provider?: string;
  model?: string;
  preset?: string;
  /** First and last day, "2026-11-01". */
  from?: string;
  to?: string;
  by?: CostBy[];
}

export interface CostRow {
  group: string[];
  calls: number;
  estimated: number;
  cached: number;
  usage: Usage;
  cost: string;
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
