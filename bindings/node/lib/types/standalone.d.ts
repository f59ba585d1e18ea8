// What needs no engine.

/** The version of the scena library that was found, e.g. "0.1.0". */
export function version(): string;

/** What is wrong in a preset, and where. */
export interface PresetFault {
  /** JSON pointer of the member at fault. */
  pointer: string;
  /** What is wrong and what to do, for people. */
  message: string;
  /** What would be right there; may be empty. */
  example: string;
}

/** Looks for all faults of a preset (docs/reference/presets.md), without storing it; empty: there are none. */
export function checkPreset(preset: object | string): PresetFault[];

/** A message to measure, outside of a session. */
export interface MeterMessage {
  /** What is measured; may be empty. Half a surrogate pair counts as U+FFFD. */
  text: string;
  /** What the message answers. */
  question?: string | undefined;
  /** What was said before, oldest first: `self` wrote `text`, too. The last 50 count. */
  history?: {
    /** "self": by the one who wrote the message that is measured. */
    role: 'self' | 'other';
    /** What was said. */
    text: string;
  }[];
  /** Comes back as it is. */
  id?: unknown | undefined;
}

/** The metrics of a message (docs/reference/metrics.md); null: not computed. Later versions may have more. */
export interface MeasuredRow {
  /** Of the message; null where it had none. */
  id: unknown;
  /** From -1 (blame) to 1 (praise). */
  sentiment: number | null;
  /** From 0 (clear) to 1 (a non-reply); null without a `question` or something that others said before. */
  evasiveness: number | null;
  /** From 0 to 1, with what its writer said before, from 0.5 on probably one; null without that. */
  contradiction: number | null;
  /** From 0 to 1: insult, threat or hate; toxic from 0.5 on. */
  toxicity: number | null;
  /** From 0 to 1: length, questions, taking up what was said. The one metric of text that is not English. */
  engagement: number | null;
  /** From 0 (plain) to 1 (elaborate) language. */
  sophistication: number | null;
  /** From 0 to 1: how far it answers what was asked; null without a `question` or something that others said before. */
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
