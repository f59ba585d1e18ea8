/** Why a call failed; docs/reference/errors.md says what each code means. */
export type ErrorCode =
  | 'invalid_argument' | 'wrong_state' | 'unavailable' | 'not_found' | 'conflict' | 'already_exists'
  | 'unauthenticated' | 'permission_denied' | 'rate_limited' | 'quota_exhausted' | 'budget_exhausted' | 'timeout'
  | 'cancelled' | 'network' | 'protocol' | 'provider_error' | 'overloaded' | 'circuit_open' | 'context_overflow'
  | 'content_filtered' | 'too_large' | 'tool_failed' | 'limit_reached' | 'storage_full' | 'storage_failed'
  | 'storage_corrupt' | 'version_mismatch' | 'unsupported' | 'out_of_memory' | 'closed' | 'internal';

export class ScenaError extends Error {
  private constructor();
  readonly code: ErrorCode;
  /** JSON pointer of the member at fault; empty when there is none. */
  readonly pointer: string;
  /** How long to wait before a retry, where the other side said so. */
  readonly retryAfterMs: number | undefined;
}

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

export interface SessionInfo {
  id: string;
  title: string;
  preset: string;
  state: State;
  owner: string;
  parent: string;
  last_seq: number;
  turns: number;
  messages: number;
  usage: Usage;
  cost: string;
  variables: Record<string, string>;
  labels: Record<string, string>;
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
  /** Ends the iteration with its reason. */
  signal?: AbortSignal;
}

/** One message and its reply in the making. */
export class Turn implements AsyncIterable<string> {
  private constructor();
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
  undo(options?: CommandOptions): Promise<SessionInfo>;
  remove(options?: CommandOptions): Promise<SessionInfo>;
  choose(message: string, options?: CommandOptions): Promise<SessionInfo>;
  setVariable(name: string, value: string | number | boolean, options?: CommandOptions): Promise<SessionInfo>;
  annotate(name: string, data: object, options?: CommandOptions): Promise<SessionInfo>;
  run(options?: CommandOptions & { maxTurns?: number }): Promise<{ turns: number; reason: string }>;
  askAside(character: string, question: string, options?: CommandOptions & { schema?: object }):
    Promise<{ text: string; usage: Usage; cost: string }>;
  /** Resolves with the id of the new session, for Engine.session(). */
  fork(options?: CommandOptions & { message?: string }): Promise<string>;
  /** A viewer with a bounded queue of its own; a slow one gets merged deltas and misses nothing. */
  events(options?: EventsOptions): AsyncGenerator<Event, void, undefined>;
}

/** A piece of a reply: text, a call of a tool, what was used, or why it ended. */
export type ReplyPiece =
  | string
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
  call(args: Record<string, unknown>, context: { request: Record<string, unknown>; signal: AbortSignal }): unknown;
}

/** One engine, on Node's own loop: everything runs on the JavaScript thread, which never waits. */
export class Engine {
  /** @throws ScenaError with every fault of the configuration (docs/reference/configuration.md). */
  constructor(config?: Record<string, unknown>, extensions?: { providers?: Record<string, Provider>; tools?: Tool[] });
  /** @param preset the id of a stored or built-in preset, or a preset itself. */
  createSession(preset: string | object, options?: SessionOptions): Session;
  session(id: string): Session;
  sessions(query?: { state?: State; after?: string; limit?: number }): { sessions: SessionInfo[]; next: string };
  presets(query?: { category?: string; after?: string; limit?: number }): { presets: PresetInfo[]; next: string };
  preset(id: string): Record<string, unknown>;
  capabilities(): Record<string, unknown>;
  exportSession(id: string, format?: 'json' | 'jsonl' | 'markdown'): string;
  updatePolicy(policy: object): void;
  /** Running turns end as interrupted; what is waited for rejects with code `closed`. */
  close(): void;
  [Symbol.asyncDispose](): Promise<void>;
}
