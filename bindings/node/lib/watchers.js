// Metrics and filters written in JavaScript.
import { cleaned } from './given.js';
import { plain, table } from './native.js';

const addScore = plain('int32_t scena_scores_add(void *, const char *metric?, double, double, const char *label?)');
const addEvidence = plain('int32_t scena_scores_evidence(void *, const char *message, size_t begin, size_t end, const char *reason?)');
const pass = plain('void scena_filter_answer_pass(void *)');
const rewrite = plain('void scena_filter_answer_rewrite(void *, const char *text, size_t)');
const block = plain('void scena_filter_answer_block(void *, const char *reason?)');

function tell(scores, message, given) {
  if (given === undefined || given === null) return;
  if (typeof given === 'number') {
    addScore(scores, null, given, 1, null);
    return;
  }
  for (const score of Array.isArray(given) ? given : [given]) {
    addScore(scores, score.metric ?? null, score.value, score.confidence ?? 1, score.label ?? null);
    for (const { begin, end, reason = null } of score.evidence ?? []) {
      addEvidence(scores, message.id, begin, end, reason);
    }
  }
}

/**
 * The table of an analyzer: `measure(message, history)` gives a number, a score, several, or nothing. Sessions and
 * measurements are numbers here, which name what JavaScript holds of them. What `measure` throws gives no score.
 */
export function analyzerTable(analyzer) {
  const memories = new Map();
  const measured = new Map();
  let last = 0;
  const drop = (measurement) => {
    const message = measured.get(Number(measurement));
    measured.delete(Number(measurement));
    return message;
  };
  return table('scena_analyzer', {
    openSession() {
      memories.set(++last, []);
      return last;
    },
    begin(memory, json) {
      const { from_human: fromHuman, latency_us: latency, ...rest } = JSON.parse(json);
      measured.set(++last, { ...rest, fromHuman, latencyMs: latency / 1000, text: '', history: memories.get(Number(memory)) });
      return last;
    },
    add(measurement, text) {
      measured.get(Number(measurement)).text += text;
    },
    scores(measurement, scores) {
      const { history, ...message } = measured.get(Number(measurement));
      try {
        tell(scores, message, analyzer.measure(message, history));
      } catch {
        // A metric that fails has no score of this message.
      }
    },
    keep(memory, measurement) {
      const { history, ...message } = drop(measurement);
      history.push(message);
    },
    forgetFrom(memory, id) {
      const history = memories.get(Number(memory));
      const at = history.findIndex((message) => message.id === id);
      if (at >= 0) history.splice(at);
    },
    discard(memory, measurement) {
      drop(measurement);
    },
    closeSession(memory) {
      memories.delete(Number(memory));
    },
  });
}

/** The table of a filter: its checks give nothing (pass), a text in place of theirs, or {block: reason}. */
export function filterTable(filter, running) {
  const judge = (check) => (session, speaker, isFinal, text, length, answer) => {
    const { ended } = running.begin(answer);
    // Not inside the callback: the host's code may call the engine, which a callback may not.
    setImmediate(async () => {
      try {
        const verdict = await check?.call(filter, { session, speaker, isFinal: isFinal === 1 }, text);
        ended();
        if (verdict === undefined || verdict === null) pass(answer);
        else if (typeof verdict === 'string') rewrite(answer, verdict, Buffer.byteLength(verdict));
        else block(answer, verdict.block === undefined ? null : cleaned(String(verdict.block)));
      } catch {
        ended();
        block(answer, 'the filter failed'); // what could not be looked at does not pass
      }
    });
  };
  return table('scena_filter', { checkInput: judge(filter.checkInput), checkOutput: judge(filter.checkOutput) });
}
