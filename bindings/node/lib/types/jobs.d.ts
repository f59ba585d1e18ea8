// Background jobs.

/** How a job stands: "done", "cancelled", "dead" (out of attempts, or given up) and "dropped" have ended. */
export type JobState = 'waiting' | 'running' | 'done' | 'cancelled' | 'dead' | 'dropped';

/** A background job as it stands in the store; times are microseconds since 1970. */
export interface Job {
  /** Unique within its tenant. */
  id: string;
  /** The name of its handler in `jobHandlers`; of the engine's own it begins with "scena.". */
  kind: string;
  /** Where it stands: a failed attempt makes it "waiting" again. */
  state: JobState;
  /** As it was given to enqueueJob(): JSON where that was no text. */
  payload: string;
  /**
   * What the handler gave, JSON where that was no text; else why the last attempt failed. Empty before the first ends.
   */
  result: string;
  /** Higher ones go first. */
  priority: number;
  /** Starts since it was stored or requeued, those that a crash ended included. */
  attempts: number;
  /** Starts before it is "dead". */
  max_attempts: number;
  /** Jobs of its kind and key run one after the other; empty: in no order. */
  key: string;
  /** Id of the session that it belongs to, and goes with when that is deleted; empty: none. */
  session: string;
  /** Not started before: its delay, or the pause after a failed attempt. */
  run_after: number;
  /** When its state changed last. */
  changed: number;
  /** Its place in the order of storing: the `after` of jobs() that lists those behind it. */
  number: number;
}

/** docs/guide/jobs.md tells what each is good for. */
export interface JobOptions {
  /** Unique within the tenant: the same id again gives the first job and stores none. Left out: a new one. */
  id?: string | undefined;
  /** Jobs of a kind and key run one after the other, in the order of storing; left out: in no order. */
  key?: string | undefined;
  /** While a job of this kind and `key`, which it needs, waits or runs, that one is the answer and none is stored. */
  join?: boolean | undefined;
  /** Higher ones go first; left out: 0. Below 0 they go last. */
  priority?: number | undefined;
  /** Milliseconds of the engine's clock in which it is not started, up to a hundred years; left out: 0. */
  delayMs?: number | undefined;
  /** Starts before it is "dead", crashes included, 1 to 1000; left out: `jobs.max_attempts`, which is 3. */
  maxAttempts?: number | undefined;
  /** Id of the session that it belongs to: deleting that one erases the job. Left out: none. */
  session?: string | undefined;
}

/** Does the jobs of a kind. What it throws is a failed attempt, which is tried again; `GiveUp` ends the job. */
export type RunJob = (job: Job, context: {
  /**
   * Aborted when the job was cancelled, its time is up or the engine closes: what the function gives then is dropped.
   */
  signal: AbortSignal;
}) => unknown;

/** Thrown by the handler of a job: trying again is of no use. */
export class GiveUp extends Error {}
