// A host's own models, tools and sources.
import type { Job, RunJob } from './jobs.js';
import type { Score, StoredEvent } from './messages.js';

type Loose<T> = { [K in keyof T]?: T[K] | undefined };

/** What a piece of a reply has that is no text; of several the order is this one. */
export interface ReplyParts {
  /** A piece of what the model thinks aloud, no part of the reply: hosts alone see it, as `reasoning.delta`. */
  reasoning: string;
  /** Asks for a tool behind the text so far; the result comes in the next request. */
  toolCall: {
    /** Unique in this reply; left out: one is made. */
    id?: string | undefined;
    /** One of `tools` in the request; of another name the model is told that there is none. */
    name: string;
    /** By the tool's schema; left out: {}. */
    arguments?: object | undefined;
  };
  /** What the reply took so far; the last one counts. What is not told is estimated. */
  usage: {
    /** Tokens of the whole prompt. */
    inputTokens?: number | undefined;
    /** Tokens of the whole reply. */
    outputTokens?: number | undefined;
  };
  /**
   * "stop", "length", "tool_calls", "content_filter", "refusal", "pause" or "context_overflow"; other words count as
   * "other". Never told: "stop", or "tool_calls" where tools were asked for.
   */
  finishReason: string;
}
/**
 * A piece of a reply: text, or an object with one or more of ReplyParts. Anything else, and a member of another name, fails
 * the reply as invalid_argument.
 */
export type ReplyPiece =
  | string
  | (Pick<ReplyParts, 'reasoning'> & Loose<ReplyParts>)
  | (Pick<ReplyParts, 'toolCall'> & Loose<ReplyParts>)
  | (Pick<ReplyParts, 'usage'> & Loose<ReplyParts>)
  | (Pick<ReplyParts, 'finishReason'> & Loose<ReplyParts>);

/**
 * A source of replies. `request` is the JSON of docs/reference/c-extensions.md. When nobody wants the reply any more the
 * signal is aborted, and a generator is ended at its next `yield`, where `finally` sees it.
 */
export interface Provider {
  /**
   * Makes one reply; several may be under way at once. What it throws is a failed reply, by its `code` if it has one of
   * ErrorCode, else provider_error; one that may pass is tried again where nothing of it came.
   */
  reply(request: Record<string, unknown>, context: {
    /** Aborted when the turn was cancelled, its time is up or the engine closes; what is yielded then is dropped. */
    signal: AbortSignal;
  }): AsyncIterable<ReplyPiece> | Iterable<ReplyPiece>;
}

/** A function that models may ask for; what it throws, the model is told. */
export interface Tool {
  /** What presets and models call it: 1 to 64 of A-Z a-z 0-9 _ -, no other tool's. */
  name: string;
  /** For the model: what it does and when to ask for it. */
  description?: string | undefined;
  /** JSON schema of the arguments. */
  parameters?: object | undefined;
  /** Of one call, in milliseconds of the engine's clock, then it has failed; 0, or left out: 30 seconds. */
  timeLimitMs?: number | undefined;
  /** Equal calls of one tenant share a good result for so many milliseconds; 0, or left out: every call is made. */
  cacheForMs?: number | undefined;
  /** May be called again after a crash. */
  idempotent?: boolean | undefined;
  /** Every character may use it. */
  everywhere?: boolean | undefined;
  /** Each call is asked for first: `toolApproval`. */
  needsApproval?: boolean | undefined;
  /** A larger result is a failed call; 0, or left out: 64 KiB. */
  maxResultBytes?: number | undefined;
  /** So is one of more estimated tokens; 0, or left out: 16,000. */
  maxResultTokens?: number | undefined;
  /**
   * Gives what the model reads, at once or as a promise: a text, or what becomes JSON (undefined: null). `args` follow
   * `parameters`: calls that do not never come here.
   */
  call(args: Record<string, unknown>, context: {
    /** Who asks: `call`, `tool`, `tenant`, `session`, `subject` (its owner), `character`, `arguments`. */
    request: Record<string, unknown>;
    /** Aborted when the turn was cancelled, the time is up or the engine closes; a result has no effect then. */
    signal: AbortSignal;
  }): unknown;
}

/** A message that an analyzer looks at. */
export interface Said {
  /** As Message.id. */
  id: string;
  /** Participant id. */
  speaker: string;
  /** Not written by a model. */
  fromHuman: boolean;
  /** All of it; while a reply comes, what came so far. */
  text: string;
  /** Microseconds since 1970: when it began; of a reply that is measured again, when it was complete. */
  time: number;
  /** Milliseconds from the end of the message before to its begin; 0 for the first, and for a reply to a message. */
  latencyMs: number;
}
type Given = Loose<Omit<Score, 'evidence'>> & {
  /** In the metric's own range. */
  value: number;
  /** Places in the message that is measured. */
  evidence?: Omit<NonNullable<Score['evidence']>[number], 'message'>[] | undefined;
};

/** A metric. It looks at its arguments alone, so that the same transcript has the same scores; what it throws: none. */
export interface Analyzer {
  /** Of the metric, as scores have it; none of the built-in ones, no other analyzer's. */
  name: string;
  /**
   * Called at once, also while a reply comes. A number is a score of confidence 1; of a score `metric` left out is
   * `name`, `confidence` 1, and `evidence` always lies in `message`; null or undefined: no score. `history`: the
   * messages before, oldest first.
   */
  measure(message: Said, history: readonly Said[]): number | Given | Given[] | null | undefined;
}

/** Nothing: the text passes. A text takes its place. {block}: it must not pass. */
export type Verdict = void | null | string | {
  /** Why, for the event and the error, never the text itself; left out: no reason is told. */
  block?: string | undefined;
};

/** Looks at every text that enters or leaves a model. A check that throws blocks. */
export interface Filter {
  /**
   * Output is delivered only when this many bytes more have arrived, so that a word that is cut in two is still seen
   * whole. 0, or left out: every piece is checked and passed on as it comes.
   */
  holdBack?: number | undefined;
  /**
   * Looks at a whole message of a human, or a side question; one that is blocked is refused with content_filtered. Left
   * out: all of them pass.
   */
  checkInput?(context: FilterContext, text: string): Verdict | Promise<Verdict>;
  /**
   * Looks at what of a reply is not delivered yet; another text replaces all of it. A block ends the reply with the
   * finish reason content_filter. Left out: all of it passes.
   */
  checkOutput?(context: FilterContext, text: string): Verdict | Promise<Verdict>;
}
/** Whose text a filter looks at. */
export interface FilterContext {
  /** Its id. */
  session: string;
  /** Participant or character id. */
  speaker: string;
  /** Of output: no more text follows in this turn, or before tools have run. */
  isFinal: boolean;
}

/** One log line: a fixed sentence and what varies (docs/guide/logs.md). */
export interface LogRecord {
  /** Of the engine's clock, UTC: "2026-11-27T12:00:00.000000Z". */
  time: string;
  /** Rising; `log_level` and `log_levels` of the configuration say from which on lines come. */
  level: 'trace' | 'debug' | 'info' | 'warn' | 'error';
  /** "engine", "jobs", "llm" or "net". */
  module: string;
  /** The fixed sentence: the same for every line of its kind. */
  message: string;
  /** What varies, by name. Secrets are `***`; texts of messages are left out unless `log_message_text` is on. */
  fields: Record<string, string>;
  /** Lines that were lost in front of this one: a thousand wait, or 1 MiB of them. */
  dropped: number;
}

/** A source of vectors written in JavaScript. */
export interface Embedder {
  /** The vectors of `texts`, in their order and all of one length; what it throws is a failure, with its `code` if it has one. */
  embed(texts: string[], context: {
    /** `model` and `dimensions` where they were asked for, `texts`, `purpose`, `context`. */
    request: Record<string, unknown>;
    /** Aborted when the engine closes: nobody waits for the vectors then. */
    signal: AbortSignal;
  }): Vectors | Promise<Vectors>;
}
/** Vectors in the order of their texts, alone or with the tokens that they took. */
export type Vectors = ArrayLike<number>[] | {
  /** One a text, all of one length and of finite numbers, which are kept as 32-bit floats. */
  vectors: ArrayLike<number>[];
  /** Of all texts together; left out: not known, and the `usage` that embed() gives is `estimated`. */
  inputTokens?: number | undefined;
};

/** Takes one event of the store, each at least once; what it throws is a failed delivery, `GiveUp` ends it. */
export type Deliver = (event: StoredEvent, context: {
  /** The delivery: `attempts` tells how often this event was tried, `id` is the same each time. */
  job: Job;
  /** Aborted when the time is up or the engine closes: what the function gives then has no effect. */
  signal: AbortSignal;
}) => unknown;
/** Takes events of the store, with limits of its own (docs/guide/jobs.md). */
export interface EventSink {
  /** Gets the events of one session in order: the next one when the one before it was taken, dead or dropped. */
  deliver: Deliver;
  /** Types of durable events, e.g. "message.*"; left out: all. */
  events?: string[] | undefined;
  /** Only this one's events; left out: those of all tenants. */
  tenant?: string | undefined;
  /** Sessions that are delivered at once; 0, or left out: 4. */
  parallel?: number | undefined;
  /** Of one delivery, in milliseconds of the engine's clock, then it has failed; 0, or left out: 15 seconds. */
  timeLimitMs?: number | undefined;
  /** Deliveries of one event before it is a dead letter; 0, or left out: 8. */
  maxAttempts?: number | undefined;
  /** Events of a tenant that wait, above `parallel`; over it the oldest is dropped. 0, or left out: 10,000. */
  maxWaiting?: number | undefined;
}

/** What a host puts beside scena's own parts. */
export interface Extensions {
  /** By the name that `provider` of sessions, presets and the configuration has; one goes before a configured one. */
  providers?: Record<string, Provider> | undefined;
  /** Beside `tools` of the configuration. A character is offered those that its preset names, and `everywhere` ones. */
  tools?: Tool[] | undefined;
  /** Metrics beside the built-in ones. */
  analyzers?: Analyzer[] | undefined;
  /** One for all sessions; text that follows waits for its verdict. */
  filter?: Filter | undefined;
  /** Hears log lines after each poll, and when the engine closes; may call the engine. What it throws is dropped. */
  onLog?(record: LogRecord): void;
  /** By the name that `embed` calls them. */
  embedders?: Record<string, Embedder> | undefined;
  /** By how the names of their models begin; "*" fits all. What throws or gives no number counts by four bytes. */
  tokenCounters?: Record<string, (text: string) => number> | undefined;
  /** By their names, beside the configured webhooks. */
  eventSinks?: Record<string, Deliver | EventSink> | undefined;
  /** The key of that name ("OPENAI_API_KEY"), for keys that the configuration leaves out; undefined: not here. */
  secrets?(name: string): string | undefined;
  /** Who does the background jobs, by their kind. */
  jobHandlers?: Record<string, RunJob | {
    /** Gives the job's result: a text, or what becomes JSON. */
    run: RunJob;
    /** Jobs of the kind that run at once; 0, or left out: 4. */
    parallel?: number | undefined;
    /** Of one attempt, in milliseconds of the engine's clock, then it has failed; 0, or left out: 300 seconds. */
    timeLimitMs?: number | undefined;
  }> | undefined;
  /**
   * Asked before each call of a tool that `needsApproval`; `request` is as in Tool.call(). true: the call may be made;
   * a text: why not; false, or no answer within five minutes of engine time: refused.
   */
  toolApproval?(request: Record<string, unknown>): boolean | string | Promise<boolean | string>;
}
