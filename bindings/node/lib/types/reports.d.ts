// What sessions came to: analyses, counts, batches, costs.
import type { Usage } from './messages.js';

/** Words of a message that back a finding. */
export interface Quote {
  /** Id of the message. */
  message: string;
  /** Participant id of who wrote it. */
  speaker: string;
  /** A piece of its text, unchanged, of at most 400 bytes. */
  text: string;
}

/** The analysis that closes a session; docs/reference/analysis.md tells what each member means. */
export interface Analysis {
  /** "offline": measured alone; "model": a model judged and found, too. */
  source: 'offline' | 'model';
  /** The provider that was asked, by name; absent: none was. */
  provider?: string;
  /** As the provider names it. */
  model?: string;
  /** Why it is offline although a model was to be asked. */
  fallback?: string;
  /** A few sentences; offline they tell figures alone. */
  summary: string;
  /** Of the session's events that it looks back on. */
  last_seq: number;
  /** On the chosen line. */
  messages: number;
  /** In these messages. */
  words: number;
  /** Weighted mean of the criteria's scores, from 0 to 1; absent without a model's scores. */
  overall?: number;
  /** Mean of the questions' `coverage`, from 0 to 1; absent without questions. */
  coverage?: number;
  /** In the order of the participants. */
  speakers: {
    /** Participant id. */
    id: string;
    /** As others call it. */
    name: string;
    /** Its own on the chosen line. */
    messages: number;
    /** In them. */
    words: number;
    /** Of all words, from 0 to 1. */
    talk_share: number;
    /** Its messages that ask something. */
    questions: number;
    /** Mean of its messages, from -1 to 1; absent: none has it. */
    sentiment?: number;
    /** Mean of its messages, from 0 to 1; absent: none has it. */
    engagement?: number;
    /** Mean of its messages, from 0 to 1; absent: none has it. */
    evasiveness?: number;
    /** What all of its messages together show. */
    detections: {
      /** "industry" or "sophistication". */
      what: string;
      /** As the metric of that name gives it, such as "finance" or "plain". */
      label: string;
      /** From 0.4 to 1. */
      confidence: number;
      /** Ids of messages that show it, at most 5. */
      messages: string[];
    }[];
  }[];
  /** The preset's rubric as a model judged it; offline empty. */
  criteria: {
    /** As in the rubric. */
    id: string;
    /** As in the rubric. */
    title: string;
    /** Its share in `overall`, as in the rubric. */
    weight: number;
    /** From 0 (poor) to 10 (good); absent: the talk shows nothing of it. */
    score?: number;
    /** Why; absent: the model gave no reason. */
    comment?: string;
    /** What backs it. */
    quotes: Quote[];
  }[];
  /** Messages from which on things went another way, at most 5, in their order. */
  turning_points: {
    /** "sentiment_rises", "sentiment_falls", "evasiveness_rises" or "evasiveness_falls"; of a model also "other". */
    kind: string;
    /** Where it shows. */
    quote: Quote;
    /** Mean of that speaker's three messages before; of measured ones alone. */
    before?: number;
    /** Mean of its three from this one on; of measured ones alone. */
    after?: number;
    /** A model's words on it; offline absent. */
    comment?: string;
  }[];
  /** Answers that keep away from their question, at most 5; offline the strongest first. */
  evasions: {
    /** What was asked; absent: no message before asks it. */
    question?: Quote;
    /** What was said instead. */
    answer: Quote;
    /** Measured evasiveness, from 0 to 1; absent: it was not measured. */
    value?: number;
    /** A fixed word of the metric, such as "deferral". */
    reason?: string;
    /** A model's words on it; offline absent. */
    comment?: string;
  }[];
  /** Pairs of statements of one speaker that do not go together, at most 10; offline the strongest first. */
  contradictions: {
    /** What was said first. */
    earlier: Quote;
    /** What does not fit it. */
    later: Quote;
    /** Measured contradiction, from 0 to 1; absent: it was not measured. */
    value?: number;
    /** A fixed word of the metric, such as "number_differs". */
    reason?: string;
    /** A model's words on it; offline absent. */
    comment?: string;
  }[];
  /** How often people skipped something; absent: nobody did. */
  escapes?: {
    /** Id of the planned question, the session's state, or the host's name for it. */
    step: string;
    /** Times, 1 or more. */
    count: number;
  }[];
  /** The preset's; where it plans none, the first 50 that were asked. */
  questions: {
    /** In the preset; absent: it was not planned. */
    id?: string;
    /** The question. */
    text: string;
    /** From 0 to 1: how far it was asked and answered. */
    coverage: number;
    /** Where it was asked. */
    asked?: Quote;
    /** The best answer. */
    answer?: Quote;
    /** "asked": nothing could be measured of the answer, e.g. since it is not English; "unanswered": there was none. */
    status: 'not_asked' | 'asked' | 'unanswered' | 'evaded' | 'partly' | 'answered';
  }[];
  /** The curve, oldest first, at most 200 points; in a longer session one stands for several messages. */
  sentiment: {
    /** Id of the last message that it stands for. */
    message: string;
    /** Participant id of who wrote that. */
    speaker: string;
    /** From -1 to 1; the mean where it stands for several. */
    value: number;
  }[];
  /** Findings of the model that were left out, because their words stand in no message. */
  rejected_quotes: number;
  /** Absent where no score was to be judged. */
  judge?: {
    /** Messages whose scores were unsure, and that were to be judged. */
    asked: number;
    /** Of them those with an opinion. */
    judged: number;
    /** Of them those that got none: refused, over a budget, of no use. */
    failed: number;
    /** By metric, of the chosen line. */
    agreement: MetricAgreement[];
  };
  /** The same as one line of JSON, byte for byte; not enumerable. */
  readonly json: string;
}

/** How far a model's opinions agree with the measured scores of one metric. */
export interface MetricAgreement {
  /** Such as "evasiveness". */
  metric: string;
  /** That have both a score and an opinion. */
  messages: number;
  /** Mean absolute difference of the two values, in the metric's own range. */
  difference: number;
  /** Pearson's, from -1 to 1; absent below 3 messages, and where either side is the same everywhere. */
  correlation?: number;
  /** Messages with a label on both sides. */
  labelled: number;
  /** Share of them with the same label, from 0 to 1; absent without any. */
  same_label?: number;
  /** Cohen's: 0 is chance, 1 always the same; absent where chance alone would give all of it. */
  kappa?: number;
}

/** A value with the interval that holds the true one in 95 of 100 repetitions; null without any session. */
export interface Interval {
  /** Sessions that it was computed from; 0: the others are null. */
  count: number;
  /** A share, from 0 to 1, or a mean. */
  value: number | null;
  /** Equal to `value` for the mean of one session, of which nothing more is known. */
  low: number | null;
  /** As `low`. */
  high: number | null;
}
/** What rows of analytics() are told apart by. */
export type AnalyticsBy = 'preset' | 'character' | 'day' | 'month';
/** Which sessions are counted; what is left out does not narrow. */
export interface AnalyticsQuery {
  /** Its id. */
  preset?: string | undefined;
  /** Id of a participant who took part; of humans those alone whose sessions have a row still. */
  character?: string | undefined;
  /** First day of the sessions' creation, in UTC: "2026-11-01". */
  from?: string | undefined;
  /** Last day, itself included. */
  to?: string | undefined;
  /** Of sessions that are stored and have a row still. */
  owner?: string | undefined;
  /** `analytics()`: the rows have `metrics`, too; reads every message. */
  distributions?: boolean | undefined;
}

/** How the values of a metric are spread over `n` messages. */
export interface Distribution {
  /** Messages that have such a score. */
  n: number;
  /** Of their values, in the metric's own range. */
  mean: number;
  /** A tenth of the values lies below. */
  p10: number;
  /** The median. */
  p50: number;
  /** A tenth of the values lies above. */
  p90: number;
}

/** How sessions ended and what their people thought of them; first the members of `by`. */
export interface AnalyticsRow extends Partial<Record<AnalyticsBy, string>> {
  /** The preset's id; there with 'preset' in `by`. */
  preset?: string;
  /** Participant id; there with 'character' in `by`, where a session counts once for each participant. */
  character?: string;
  /** Of the sessions' creation, in UTC, "2026-11-01"; there with 'day' in `by`. */
  day?: string;
  /** The same, "2026-11"; there with 'month' in `by`. */
  month?: string;
  /** All of them, also those that go on. */
  sessions: number;
  /** In the state "completed". */
  completed: number;
  /** In the state "error". */
  failed: number;
  /** Of the completed ones how many ended why: "turns", "phrase", "host", ... */
  ends: Record<string, number>;
  /** Times people skipped something, by step. */
  escapes: Record<string, number>;
  /** On the chosen lines. */
  messages: number;
  /** USD of all of them, a decimal number as a text. */
  cost: string;
  /** Share of completed ones. */
  completion: Interval;
  /** Share of `satisfied` among those of whom annotate('feedback', { satisfied, rating }) told it. */
  satisfied: Interval;
  /** Mean of `rating` among those of whom annotate('feedback', ...) told it, in the host's own scale. */
  rating: Interval;
  /** With `distributions`: of messages, by metric. */
  metrics?: Record<string, Distribution>;
}

/** How many sessions went from one speaker to the next at one step. */
export interface FlowRow {
  /** Its id. */
  preset: string;
  /** Number of the message that follows, from 1; those beyond 200 count as 200. */
  step: number;
  /** Who spoke last, by participant id; "(start)" at step 1. */
  from: string;
  /** Who speaks next; behind the last message "(completed)", "(failed)" or, of all other sessions, "(dropped)". */
  to: string;
  /** How many, 1 or more. */
  sessions: number;
  /** Among those that were at `from` at this step. */
  share: Interval;
}

/** The agreement of one metric over the sessions of a preset, and how many of them have opinions on it. */
export interface AgreementRow extends MetricAgreement {
  /** Its id. */
  preset: string;
  /** That have an opinion on this metric. */
  sessions: number;
}

/** A plan that runs: see docs/reference/batch.md. */
export interface BatchOptions {
  /** Of every engine; `token_counters` has files of byte pairs. Functions in JavaScript take no part: a batch is on other threads. */
  config?: object | string | undefined;
  /** Where rows and sessions go; run again with the same one, it goes on where it was. Left out: nowhere. */
  folder?: string | undefined;
  /** Threads, each with engines of its own, up to 256; 0, or left out: 1. */
  workers?: number | undefined;
  /** Runs that failed in an earlier try are made again. */
  retryFailed?: boolean | undefined;
  /** What paths in the plan are relative to; left out: where we are. */
  planFolder?: string | undefined;
  /** Hears how far it is, the newest only where it is slow. What it throws ends the batch and rejects. */
  onProgress?(now: BatchProgress): void;
  /** Ends the batch, which resolves with what was done. */
  signal?: AbortSignal | undefined;
}
/** How far a batch is, in sessions; `cost` is a decimal number as a text. */
export interface BatchProgress {
  /** Of the plan. */
  total: number;
  /** With a row, those of earlier tries included. */
  done: number;
  /** Of the done ones those with an error. */
  failed: number;
  /** Now. */
  running: number;
  /** USD of all tries so far. */
  cost: string;
}
/** What a batch came to. `left`: sessions without a row, `repeated`: rows that an earlier try had finished; `cost` is a decimal number as a text. */
export interface BatchResult {
  /** One a session, in the plan's order. */
  rows: Record<string, unknown>[];
  /** All rows, then each combination but for the seed, with intervals. */
  groups: Record<string, unknown>[];
  /** Run again with the same `folder`, these are made. */
  left: number;
  /** They were read from the `folder`, and nothing was asked for them. */
  repeated: number;
  /** Why sessions are left: the signal, or the plan's `limits.money`; empty: nothing stopped it. */
  stopped: '' | 'cancelled' | 'money';
  /** USD of all tries, with sessions that were given up. */
  cost: string;
}

/** Runs every combination of a plan on threads of the library; the JavaScript thread stays free. */
export function runBatch(plan: object | string, options?: BatchOptions): Promise<BatchResult>;
/** What rows of costs() are told apart by. */
export type CostBy = 'session' | 'user' | 'provider' | 'model' | 'preset' | 'day' | 'month';
/** Which calls are added up; what is left out does not narrow. */
export interface CostQuery {
  /** Its id. */
  session?: string | undefined;
  /** Owner of the session. */
  user?: string | undefined;
  /** By name. */
  provider?: string | undefined;
  /** As the provider names it. */
  model?: string | undefined;
  /** Its id. */
  preset?: string | undefined;
  /** First day of the calls, in UTC: "2026-11-01". */
  from?: string | undefined;
  /** Last day, itself included. */
  to?: string | undefined;
  /** What rows are told apart by, and sorted by; left out: one row of everything. */
  by?: CostBy[] | undefined;
}
/** Calls added up; `group` has the values of `by`, in its order, and `cost` is a decimal number as a text. */
export interface CostRow {
  /** Without `by` empty. */
  group: string[];
  /** Turns and side calls that were settled; one counts once for each model that had a part in it. */
  calls: number;
  /** Of them those whose usage was estimated. */
  estimated: number;
  /** Of them those that the response cache answered. */
  cached: number;
  /** Sum over the calls. */
  usage: Usage;
  /** USD, the sum over the calls: exact to 10^-12. */
  cost: string;
}
