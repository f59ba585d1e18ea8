// Background jobs.

/** How a job stands: "done", "cancelled", "dead" (out of attempts, or given up) and "dropped" have ended. */
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
