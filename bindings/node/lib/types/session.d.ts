// Sessions and turns.
import type { Failure } from './errors.js';
import type { Event, Explanation, Message, NextQuestion, SessionInfo, TurnResult, Usage } from './messages.js';
import type { Analysis } from './reports.js';

/** What calls take that resolve later. */
export interface WaitOptions {
  /**
   * Ends the waiting: the promise rejects with the signal's reason, and what was begun goes on. Nothing is begun when it was
   * aborted before.
   */
  signal?: AbortSignal | undefined;
}
/** What every command of a session takes. */
export interface CommandOptions extends WaitOptions {
  /** The same id again gives the first result. */
  commandId?: string | undefined;
}
/** What every call takes that asks for a reply; all may be left out. */
export interface SendOptions {
  /** The same id again gives the first result and sends nothing. */
  commandId?: string | undefined;
  /** Who speaks; left out: the session's only human. */
  participant?: string | undefined;
  /** Who replies; left out: as the preset says. */
  character?: string | undefined;
  /** The model of this reply; left out: the session's own. */
  model?: string | undefined;
  /** Time for the whole reply, above 0; left out: the preset's own. */
  deadlineMs?: number | undefined;
  /** Who perceives the message; empty: hosts; left out: everybody. */
  audience?: string[] | undefined;
  /** False: the message is stored, and no reply is asked for. */
  reply?: boolean | undefined;
  /**
   * JSON schema that the reply must follow. Nobody sees it before it was judged; one that does not follow ends its
   * turn as failed, with the code protocol.
   */
  schema?: object | undefined;
  /** With `schema`: a reply that does not follow it is asked for once more, with what was wrong. */
  repair?: boolean | undefined;
  /** Cancels the reply; its partial text is stored. */
  signal?: AbortSignal | undefined;
}
/** What a new session is given; all may be left out. */
export interface SessionOptions {
  /** Left out: a new one. */
  id?: string | undefined;
  /** Whose session it is, for rights and for eraseUser(). */
  owner?: string | undefined;
  /** Left out: the preset's own. */
  title?: string | undefined;
  /** Left out: the preset's, or the configuration's. */
  provider?: string | undefined;
  /** Left out: the preset's, or the configuration's. */
  model?: string | undefined;
  /** From 0 to 2^64 - 1; as a bigint above Number.MAX_SAFE_INTEGER. Left out or 0: from the engine's. */
  seed?: number | bigint | undefined;
  /** The same id again gives the first session. */
  commandId?: string | undefined;
  /** Values of the preset's variables, which are texts: 42 is "42", true is "true". */
  variables?: Record<string, string | number | boolean> | undefined;
  /** Texts of the host's own, by name. */
  labels?: Record<string, string> | undefined;
  /** Who plays a participant, by its id; left out: as the preset says. */
  playedBy?: Record<string, 'human' | 'ai'> | undefined;
  /** 'session': nothing is left of it `retentionTtlMs` after its end. Left out: the configuration's. */
  retention?: 'keep' | 'session' | undefined;
  /** Milliseconds; left out: the configuration's. */
  retentionTtlMs?: number | undefined;
}
/** What a viewer sees, and how much may wait for it; all may be left out. */
export interface EventsOptions {
  /** Cursor of the last event seen; left out: from the beginning; "live": from now. */
  after?: string | undefined;
  /** See what this participant may see. */
  participant?: string | undefined;
  /** See these alone, such as ['delta', 'message.*'] (all that begin so); left out, or an empty list: all of them. */
  types?: string[] | undefined;
  /** One delta for everything that arrived together. */
  merge?: boolean | undefined;
  /** How much may wait; left out: the configuration's. */
  maxEvents?: number | undefined;
  /** The same, in bytes. */
  maxBytes?: number | undefined;
  /** Ends the iteration with its reason. */
  signal?: AbortSignal | undefined;
}

/**
 * One message and its reply in the making. What it came to is not here but in what `await turn.result()` gives: in JavaScript
 * `turn.text`, `turn.outcome` and the other members of a TurnResult throw a WrongStateError that says so.
 */
export class Turn implements AsyncIterable<string> {
  private constructor();
  /** "t1", "t2", ...; empty until the message is stored. */
  readonly id: string;
  /** Resolves once the message is stored; rejects with what it was refused with. */
  accepted(options?: WaitOptions): Promise<void>;
  /** How the turn ended; rejects with what the message was refused with. */
  result(options?: WaitOptions): Promise<TurnResult>;
  /** Ends the reply; its partial text is stored. */
  cancel(): void;
  /**
   * The reply's text, piece by piece. A turn is read once, by one reader: a second one throws a WrongStateError. Who begins
   * behind its end gets the text in one piece. Throws what the message was refused with, and behind the text that came
   * what the reply failed with or was cut off by; a cancelled reply just ends. result() has the text that came.
   */
  [Symbol.asyncIterator](): AsyncGenerator<string, void, undefined>;
}

/** One running conversation. Dropping it does not end it. */
export class Session {
  private constructor();
  /** What Engine.session() opens it by. */
  readonly id: string;
  /** How the session stands: state, participants, turns, labels. */
  info(): SessionInfo;
  /** Everything the session knows. */
  state(): Record<string, unknown>;
  /** The chosen line, oldest first. */
  messages(options?: {
    /** True: also superseded messages, those that were replaced, edited away or undone. */
    all?: boolean | undefined;
  }): Message[];
  /** The alternatives of a message, itself included, oldest first. */
  alternatives(message: string): Message[];
  /** What was sent to the model for a message, and why each part was in or out. */
  explain(message: string): Explanation;
  /** The analysis that closes the session; code `not_found` before the event analysis.stored. */
  analysis(): Analysis;
  /** Queues a message and starts the reply; returns at once. @throws InvalidArgumentError for empty text */
  send(text: string, options?: SendOptions): Turn;
  /** Lets a character speak without a new message. */
  prompt(options?: SendOptions): Turn;
  /** A new reply in place of the last one. */
  regenerate(options?: SendOptions): Turn;
  /** Lets a reply that was cut go on where it ended. */
  continueReply(options?: SendOptions): Turn;
  /** Replaces a human's message; everything after it leaves the line. */
  edit(message: string, text: string, options?: SendOptions): Turn;
  /** Ends the running turn, if any. */
  cancel(): void;
  /** Makes a pending session active; the first message does it, too. Commands resolve when they are stored. */
  start(options?: CommandOptions): Promise<SessionInfo>;
  /** No message is taken until resume(). */
  pause(options?: CommandOptions): Promise<SessionInfo>;
  /** Makes a paused session, or one in error, active again. */
  resume(options?: CommandOptions): Promise<SessionInfo>;
  /** Ends the session for good; its analysis follows. */
  complete(options?: CommandOptions): Promise<SessionInfo>;
  /** Marks the session as in error. */
  fail(options?: CommandOptions): Promise<SessionInfo>;
  /** Asks for the analysis of a completed session anew; resolves when it is queued. */
  analyze(options?: CommandOptions): Promise<SessionInfo>;
  /** Takes the last exchange out of the chosen line; nothing is erased. */
  undo(options?: CommandOptions): Promise<SessionInfo>;
  /** Deletes the session and what is stored of it. */
  remove(options?: CommandOptions): Promise<SessionInfo>;
  /** Makes another alternative the one of the chosen line. */
  choose(message: string, options?: CommandOptions): Promise<SessionInfo>;
  /** A participant comes in, or back. */
  join(participant: {
    /** Nobody who is present has it; of an AI a character of the preset. */
    id: string;
    /** As others call it; left out: it has none. */
    name?: string | undefined;
    /** False: a model plays it. Left out: true. */
    isHuman?: boolean | undefined;
    /** The user behind a human: Principal.subject. Left out: none. */
    subject?: string | undefined;
  }, options?: CommandOptions): Promise<SessionInfo>;
  /** A participant leaves; what was said stays. */
  leave(participant: string, options?: CommandOptions): Promise<SessionInfo>;
  /** Changes title and labels. */
  update(changes: {
    /** Left out: it stays. */
    title?: string | undefined;
    /** Those named are set; one whose value is null goes; others stay. */
    labels?: Record<string, string | null> | undefined;
  }, options?: CommandOptions): Promise<SessionInfo>;
  /** Sets a variable of the preset for what is said from now on. */
  setVariable(name: string, value: string | number | boolean, options?: CommandOptions): Promise<SessionInfo>;
  /** `data`: an object, or its JSON as it shall stand in the log. */
  annotate(name: string, data: object | string, options?: CommandOptions): Promise<SessionInfo>;
  /** Lets AI characters talk among themselves until an end condition holds or it is a human's turn. */
  run(options?: CommandOptions & {
    /** At most so many turns; 0, or left out: no limit but the preset's end conditions. */
    maxTurns?: number | undefined;
  }): Promise<{
    /** Made by this run. */
    turns: number;
    /**
     * The kind of an end condition, as SessionInfo.end_reason, "max_turns", "human" (whose turn it is), "paused",
     * "completed", "error", "cancelled" or "failed".
     */
    reason: string;
    /** Of "failed": why a reply failed or could not be stored. */
    error?: Failure;
  }>;
  /** Asks a character something beside the conversation, which does not hear of it. */
  askAside(character: string, question: string, options?: CommandOptions & {
    /**
     * JSON schema that the answer must follow; another one is rejected with protocol, a refusal with content_filtered.
     */
    schema?: object | undefined;
  }): Promise<{
    /** All of it. */
    text: string;
    /** Tokens of this call. */
    usage: Usage;
    /** USD, of `usage` by the prices configured, a decimal number as a text. */
    cost: string;
  }>;
  /** What to ask next: of a model where the preset has `next_question`, else the next planned question. */
  nextQuestion(options?: CommandOptions & {
    /** Who would ask it; left out: the preset's first AI character. */
    character?: string | undefined;
    /** Of this call; left out: that of `next_question`, or the session's. */
    model?: string | undefined;
  }): Promise<NextQuestion>;
  /** Counts that a person skipped something, as the host saw it; words that say so are found by themselves. */
  flagEscape(options?: CommandOptions & {
    /** Who; left out: the session's only human, or nobody in particular. */
    participant?: string | undefined;
    /** What, at most 200 bytes; left out: the planned question asked last, else the session's state. */
    step?: string | undefined;
    /** What the host saw, such as "button", at most 200 bytes. */
    reason?: string | undefined;
  }): Promise<SessionInfo>;
  /** Resolves with the id of the new session, for Engine.session(). */
  fork(options?: CommandOptions & {
    /** Id of the last message that both share; left out: all up to now. */
    message?: string | undefined;
  }): Promise<string>;
  /**
   * A viewer with a bounded queue of its own, from this call on. A slow one gets merged deltas; where that is not enough it
   * gets `lagged` (whatever its `types`) and goes on behind that by itself: no durable event is missed, but of a reply that has
   * ended meanwhile come no deltas any more. Its text is in `message.stored`, which replaces what the deltas gave.
   * The iteration's return() lets go of the queue at once, also before the first next() and while one waits.
   */
  events(options?: EventsOptions): AsyncGenerator<Event, void, undefined>;
}
