// What needs no engine.

/** The version of the scena library that was found, e.g. "0.1.0". */
export function version(): string;

/** What is wrong in a preset, and where. */
export interface PresetFault {
  /** JSON pointer of the member at fault. */
  pointer: string;
  message: string;
  /** What would be right there. */
  example: string;
}

/** Looks for all faults of a preset (docs/reference/presets.md), without storing it; empty: there are none. */
export function checkPreset(preset: object | string): PresetFault[];

/** A message to measure, outside of a session. */
export interface MeterMessage {
  text: string;
  /** What the message answers. */
  question?: string;
  /** What was said before, oldest first: `self` wrote `text`, too. The last 50 count. */
  history?: { role: 'self' | 'other'; text: string }[];
  /** Comes back as it is. */
  id?: unknown;
}

/** The metrics of a message (docs/reference/metrics.md); null: not computed. Later versions may have more. */
export interface MeasuredRow {
  id: unknown;
  sentiment: number | null;
  evasiveness: number | null;
  contradiction: number | null;
  toxicity: number | null;
  engagement: number | null;
  sophistication: number | null;
  coverage: number | null;
  /** Empty: none of them. */
  industry: string;
}

/** Measures single messages with the built-in metrics, as sessions do; the same rows as `scena measure`. */
export class Meter {
  /** Builds the word tables, which takes about a millisecond; one serves any number of messages. */
  constructor();
  /** Measures one message, a text alone or with what it answers, in microseconds. @throws InvalidArgumentError */
  measure(message: string | MeterMessage): MeasuredRow;
}
