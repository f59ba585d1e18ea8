// What is said in a session: events, messages, and what is told of them.
import type { Failure } from './errors.js';

/** How a session stands; only an active one takes messages, and a pending one becomes active with the first. */
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
/** Tokens that a call took; what is left out is 0, and `estimated` says that the service did not count them. */
export interface Usage {
  input_tokens?: number;
  output_tokens?: number;
  cached_input_tokens?: number;
  reasoning_tokens?: number;
  estimated?: boolean;
}
/** What a metric found in a message; docs/reference/metrics.md has each one's range. `confidence` is from 0 to 1. */
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
/** How a turn ended. `cost` is a decimal number as a text; texts are empty where there is nothing to say. */
export interface TurnResult {
  turn: string;
  outcome: 'complete' | 'truncated' | 'cancelled' | 'failed' | 'interrupted';
  /** Of a complete reply. */
  finish_reason?: string;
  message: string;
  text: string;
  usage: Usage;
  cost: string;
  error?: Failure;
  cached: boolean;
  degraded: boolean;
  route: string;
  fallback_for: string;
}
/** How a session stands now. `cost` is a decimal number as a text. */
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
