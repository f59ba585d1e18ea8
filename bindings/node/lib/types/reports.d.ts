// What sessions came to: analyses, counts, batches, costs.
import type { Usage } from './messages.js';

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
    agreement: MetricAgreement[];
  };
  /** The same as one line of JSON, byte for byte; not enumerable. */
  readonly json: string;
}

/** How far a model's opinions agree with the measured scores of one metric. */
export interface MetricAgreement {
  metric: string;
  messages: number;
  difference: number;
  correlation?: number;
  labelled: number;
  same_label?: number;
  kappa?: number;
}

/** A value with the interval that holds the true one in 95 of 100 repetitions; null without any session. */
export interface Interval {
  count: number;
  value: number | null;
  low: number | null;
  high: number | null;
}
/** What rows of analytics() are told apart by. */
export type AnalyticsBy = 'preset' | 'character' | 'day' | 'month';
/** Which sessions are counted; what is left out does not narrow. */
export interface AnalyticsQuery {
  preset?: string;
  character?: string;
  /** First and last day, "2026-11-01". */
  from?: string;
  to?: string;
  /** Of sessions that are stored and have a row still. */
  owner?: string;
  /** `analytics()`: the rows have `metrics`, too; reads every message. */
  distributions?: boolean;
}

/** How the values of a metric are spread over `n` messages. */
export interface Distribution {
  n: number;
  mean: number;
  p10: number;
  p50: number;
  p90: number;
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
  /** With `distributions`: of messages, by metric. */
  metrics?: Record<string, Distribution>;
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

/** The agreement of one metric over the sessions of a preset, and how many of them have opinions on it. */
export interface AgreementRow extends MetricAgreement {
  preset: string;
  sessions: number;
}

/** A plan that runs: see docs/reference/batch.md. */
export interface BatchOptions {
  /** Of every engine; `token_counters` has files of byte pairs. Functions in JavaScript take no part: a batch is on other threads. */
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
/** How far a batch is, in sessions; `cost` is a decimal number as a text. */
export interface BatchProgress {
  total: number;
  done: number;
  failed: number;
  running: number;
  cost: string;
}
/** What a batch came to. `left`: sessions without a row, `repeated`: rows that an earlier try had finished; `cost` is a decimal number as a text. */
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
/** What rows of costs() are told apart by. */
export type CostBy = 'session' | 'user' | 'provider' | 'model' | 'preset' | 'day' | 'month';
/** Which calls are added up; what is left out does not narrow. */
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
/** Calls added up; `group` has the values of `by`, in its order, and `cost` is a decimal number as a text. */
export interface CostRow {
  group: string[];
  calls: number;
  estimated: number;
  cached: number;
  usage: Usage;
  cost: string;
}
