// A host's own models, tools and sources.
import type { Job, RunJob } from './jobs.js';
import type { Event, Score } from './messages.js';

/** A piece of a reply: text, a call of a tool, what was used, or why it ended. */
export type ReplyPiece =
  | string
  | { reasoning: string }
  | { toolCall: { id?: string; name: string; arguments?: object } }
  | { usage: { inputTokens?: number; outputTokens?: number } }
  | { finishReason: string };

/**
 * A source of replies. `request` is the JSON of docs/reference/c-extensions.md. When nobody wants the reply any more the
 * signal is aborted, and a generator is ended at its next `yield`, where `finally` sees it.
 */
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
/** Whose text a filter looks at. */
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
/** Vectors in the order of their texts, alone or with the tokens that they took. */
export type Vectors = ArrayLike<number>[] | { vectors: ArrayLike<number>[]; inputTokens?: number };

/** Takes one event of the store, each at least once; what it throws is a failed delivery, `GiveUp` ends it. */
export type Deliver = (event: Event, context: { job: Job; signal: AbortSignal }) => unknown;
/** Takes events of the store, with limits of its own (docs/guide/jobs.md). */
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
