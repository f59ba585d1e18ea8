// What is said in a session: events, messages, and what is told of them.
import type { Failure } from './errors.js';

/** How a session stands; only an active one takes messages, and a pending one becomes active with the first. */
export type State = 'pending' | 'active' | 'paused' | 'completed' | 'error';

/** One entry of a session's log; docs/reference/events.md lists the types. */
export interface Event {
  /** Version of this envelope: 1. */
  v: number;
  /** "session:" and the session's id. */
  stream: string;
  /** A durable event's own number, from 1 without holes; a live one has that of the durable event before it. */
  seq: number;
  /** Of a `delta`: bytes of the running text before its own; of `lagged`: how many of them were read. Else absent. */
  off?: number;
  /** Such as "message.stored" or "delta"; pass over those that you do not know. */
  type: string;
  /** Microseconds since 1970, UTC, by the engine's clock. The order is that of `seq`, never that of time. */
  time: number;
  /** Who did it: a participant's id, "host", "engine", or the id of the user who gave the command. */
  actor: string;
  /** Id of the command that led to it; "engine" where none did. */
  cause: string;
  /** Who perceives it: everybody, hosts alone, or the participant ids and "role:NAME" named. */
  audience: 'all' | 'hosts' | string[];
  /** By the type; {} where that has nothing to say. */
  data: Record<string, unknown>;
  /** Hand it back as `after` to go on behind this event. */
  cursor: string;
  /** The event as it stands in the log, byte for byte; not enumerable. */
  readonly json: string;
}
/** An event as an event sink gets it. */
export type StoredEvent = Omit<Event, 'cursor' | 'json'>;
/** Tokens that a call took; what is left out is 0, and `estimated` says that the service did not count them. */
export interface Usage {
  /** Of the whole prompt, those read from the service's cache among them. */
  input_tokens?: number;
  /** Of the whole reply, those of reasoning among them. */
  output_tokens?: number;
  /** Of `input_tokens` those that the service had in its cache, mostly at a lower price. */
  cached_input_tokens?: number;
  /** Of `input_tokens` those that the service wrote to its cache, mostly at a higher price. */
  cache_write_tokens?: number;
  /** Of `output_tokens` those that the model thought before its reply. */
  reasoning_tokens?: number;
  /** What the service bills where it counts that apart from the real tokens. */
  billed_input_tokens?: number;
  /** The same of the reply. */
  billed_output_tokens?: number;
  /** Taken from the response cache: it cost nothing. */
  cached?: boolean;
  /** Some of it was counted here, because the service told nothing; left out: none was. */
  estimated?: boolean;
}
/** What a metric found in a message; docs/reference/metrics.md has each one's range. `confidence` is from 0 to 1. */
export interface Score {
  /** "sentiment", "evasiveness", ..., or an analyzer's own. */
  metric: string;
  /** In the metric's own range, rounded to 4 decimals. */
  value: number;
  /** How sure the metric is; below `judge.below_confidence` a model may be asked for its opinion, too. */
  confidence: number;
  /** A class of the metric, such as "non-reply"; absent: it has none. */
  label?: string;
  /** Where it shows; absent: nowhere in particular. */
  evidence?: {
    /** Id of the message that the place lies in, this one or an earlier one. */
    message: string;
    /** First byte of the place in the UTF-8 of that message's text: not an index of a JavaScript string. */
    begin: number;
    /** One past its last byte. */
    end: number;
    /** A fixed word of the metric, such as "refusal"; may be empty. */
    reason: string;
  }[];
}

/** A model's opinion on one metric of a message, beside the score that was measured. */
export interface JudgedScore {
  /** As in the Score beside it. */
  metric: string;
  /** In the metric's own range, rounded to 4 decimals. */
  value: number;
  /** A class of the metric; may be empty. */
  label: string;
  /** The words that the model quoted. */
  evidence?: {
    /** Id of the message judged. */
    message: string;
    /** First byte of the words in the UTF-8 of its text. */
    begin: number;
    /** One past their last byte. */
    end: number;
    /** Always "quote". */
    reason: string;
  }[];
  /** Who judged, by name. */
  provider: string;
  /** As the provider names it. */
  model: string;
  /** True: an equal text was judged before under the same words, and nothing was paid; else left out. */
  cached?: boolean;
}

/** A message as `message.stored` has it (docs/reference/events.md), with what other events say of it. */
export interface Message {
  /** "m1", "m2", ...: unique in the session and what it shares with its forks. */
  id: string;
  /** The turn that made it; left out of openings, and of messages that no reply was asked for. */
  turn?: string;
  /** Participant id. */
  speaker: string;
  /** True: no model wrote it; else left out. */
  from_human?: boolean;
  /** Left out: it has none, as a reply that was cancelled before its first word; or it stands in `parts`. */
  text?: string;
  /** Of a message that is more than a text: texts, and what else was attached, in order. */
  parts?: {
    /** "data" is JSON. */
    kind: 'text' | 'image' | 'audio' | 'file' | 'data';
    /** Of texts and data; left out: it is empty. */
    text?: string;
    /** Where the bytes are kept: their SHA-256 in hexadecimal. */
    blob?: string;
    /** Such as "image/png". */
    media_type?: string;
    /** Of the bytes. */
    size?: number;
  }[];
  /** Id of the message that it is an alternative to, or an edit of; else left out. */
  replaces?: string;
  /** True: an opening, which no prompt leaves out; else left out. */
  pinned?: boolean;
  /** User id: whose personal data the text is; left out of characters. */
  subject?: string;
  /** How the reply ended; left out: "complete". */
  outcome?: TurnResult['outcome'];
  /** As TurnResult.finish_reason; left out: "stop". */
  finish_reason?: string;
  /** Of a reply: who wrote it, by name; else left out. */
  provider?: string;
  /** Of a reply: as the provider names it; left out where that has no names for them. */
  model?: string;
  /** Of the reply; left out: no tokens were used. */
  usage?: Usage;
  /** USD, by the prices configured; left out: nothing. */
  cost?: string;
  /** Of its message.stored event. */
  seq: number;
  /** Microseconds since 1970: when it was stored, of a reply when it was complete. */
  time: number;
  /** Replaced, edited away or undone; it is still in the log. */
  superseded: boolean;
  /** Who perceives it: participant ids and "role:NAME"; empty: hosts alone; null: everybody. */
  audience: string[] | null;
  /** Those that were computed; empty for who is no host. */
  metrics: Score[];
  /** Absent where no model judged it. */
  judged?: JudgedScore[];
  /**
   * Tools that the reply used, in order: `text` said before the calls, [`state`], `uses` with `call`, `name`,
   * `arguments` and, once it ended, `result`, `duration_ms`, [`failed`], [`cached`]. Hosts alone see them; absent:
   * none.
   */
  tool_rounds?: object[];
}

/** What was sent to a model for a message, and why each part was in or out. */
export interface Explanation {
  /** Id of the reply. */
  message: string;
  /** The turn that made it. */
  turn: string;
  /** Whom it was sent to, by name. */
  provider: string;
  /** The one asked for. */
  model: string;
  /** The exact body of the request, composed again. */
  request: string;
  /** Of `request`, in hexadecimal: the `request_sha256` that the log has. */
  sha256: string;
  /** Bodies of the requests that followed in this turn, with the results of tools. */
  rounds: string[];
  /** What was considered for the prompt, in its order. */
  parts: {
    /** Of a message its id; else a name such as "scene" or "engine:begin". */
    id: string;
    /** "engine", "preset:ID@VERSION", "character:ID", "metrics" or "message". */
    source: string;
    /** Estimated, also of what was left out; 0 for what the character did not perceive. */
    tokens: number;
    /** Whether it was sent. */
    included: boolean;
    /**
     * Sent: "always", "adapt", "pinned", "recent", "current_turn", "alternation", "asked". Left out: "history_items",
     * "history_tokens", "audience", "absent", "superseded", "empty".
     */
    reason: string;
  }[];
}
/** How a turn ended. `cost` is a decimal number as a text; texts are empty where there is nothing to say. */
export interface TurnResult {
  /** "t1", "t2", ...: as Turn.id; empty where no reply was asked for. */
  turn: string;
  /**
   * "complete": the service's own end mark was seen; "truncated": the stream ended before it; "cancelled": cancel(), or
   * the session was ended; "failed": `error` says why; "interrupted": the engine was closed or died.
   */
  outcome: 'complete' | 'truncated' | 'cancelled' | 'failed' | 'interrupted';
  /**
   * Of a complete reply: "stop", "length", "tool_calls", "content_filter", "refusal", "pause", "context_overflow" or
   * "other". Absent of others.
   */
  finish_reason?: string;
  /**
   * Id of the stored reply, of the message itself where no reply was asked for; empty: none was stored. Where nothing came of
   * `regenerate()` or `continueReply()`, the reply before stays on the line, and this one, stored for what it has cost, is not on it.
   */
  message: string;
  /** The whole reply, or as much as came. */
  text: string;
  /** Tokens of this reply. */
  usage: Usage;
  /** USD, of `usage` by the prices configured; "0" without a price. */
  cost: string;
  /** Why it failed or was cut; of one that was cancelled the code is "cancelled". Absent of a complete one. */
  error?: Failure;
  /** The response cache had it: no service was asked. */
  cached: boolean;
  /** It is the policy's `degraded` answer: no service could be asked. */
  degraded: boolean;
  /** Which rule of the policy picked the model, and why; empty without rules. */
  route: string;
  /** The provider that failed first, where another one answered; else empty. */
  fallback_for: string;
}
/** How a session stands now. `cost` is a decimal number as a text. */
export interface SessionInfo {
  /** What Engine.session() takes. */
  id: string;
  /** For people: the session's own, or the preset's. */
  title: string;
  /** Id of the preset that it was made of; the session has a copy. */
  preset: string;
  /** After the last command that was stored. */
  state: State;
  /** User id; empty: the host's own. */
  owner: string;
  /** Id of the session that it was forked from; absent of one that is no fork. */
  parent?: string;
  /** Number of the parent's last event that both have; absent of one that is no fork. */
  parent_seq?: number;
  /** Of its last durable event; 0 while it is not stored. */
  last_seq: number;
  /** Microseconds since 1970: when it was made. */
  created: number;
  /** Microseconds since 1970: of its last durable event. */
  updated: number;
  /**
   * Why it completed: "host", or the kind of the preset's end condition: "turns", "time", "phrase", "variable",
   * "metric", "session_time". Empty before.
   */
  end_reason: string;
  /** Also those who left. */
  participants: {
    /** Of a character its id in the preset. */
    id: string;
    /** As others call it. */
    name: string;
    /** Not played by a model. */
    is_human: boolean;
    /** Perceives and may speak; false once it left. */
    present: boolean;
    /** The user behind a human; absent: none was named. */
    subject?: string;
  }[];
  /** Ever started, superseded ones included. */
  turns: number;
  /** On the chosen line. */
  messages: number;
  /** Everything used since its creation or fork, with superseded messages and side questions. */
  usage: Usage;
  /** USD, of `usage` by the prices configured. */
  cost: string;
  /** Values of the preset's variables, by name, as texts. */
  variables: Record<string, string>;
  /** The host's own names and values. */
  labels: Record<string, string>;
  /** Times people skipped something, by step; left out when they never did. */
  escapes?: Record<string, number>;
}

/** What to ask next; an empty text: nothing is left to ask. */
export interface NextQuestion {
  /** The question; of a `fallback` as it stands in the preset. */
  text: string;
  /** Id of the planned question that it asks; empty: none of them. */
  covers: string;
  /** True: the next planned question, and `reason` says why no model's. */
  fallback: boolean;
  /**
   * Empty unless `fallback`. "no_model": the preset has no `next_question`; "schema": the answer does not follow it;
   * "repeat": it was asked already; "timeout", "budget"; "filtered": the host's filter or the model refused; "failed".
   */
  reason: '' | 'no_model' | 'schema' | 'repeat' | 'timeout' | 'budget' | 'filtered' | 'failed';
  /** Tokens of the model's answer, good or not. */
  usage: Usage;
  /** USD, of `usage` by the prices configured, a decimal number as a text. */
  cost: string;
}
