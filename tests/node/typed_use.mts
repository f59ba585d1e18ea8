// Uses the types as a host does; `tsc --strict` over it is the test, nothing runs.
import {
  ContentFilteredError, Engine, GiveUp, Meter, NotFoundError, ScenaError, checkPreset, runBatch, version,
  type Analysis, type AnalyticsRow, type Analyzer, type CostRow, type ErrorCode, type Event, type FailurePoint, type Filter, type Job, type JobState, type Message,
  type Provider, type ReplyPiece, type Session, type Tool,
} from '../../bindings/node/lib/index.js';

const model: Provider = {
  async *reply(request, { signal }) {
    if (signal.aborted) return;
    yield { reasoning: 'Let me see.' };
    yield `You said ${String(request['system'])}`;
    yield { toolCall: { name: 'clock', arguments: { zone: 'UTC' } } };
    yield { usage: { inputTokens: 1, outputTokens: 2 }, finishReason: 'stop' };
  },
};
const clock: Tool = {
  name: 'clock', needsApproval: true, maxResultTokens: 100, call: async ({ zone }) => `12:30 ${String(zone)}`,
};
const questions: Analyzer = {
  name: 'questions',
  measure: (message, history) => [{ value: message.text.split('?').length - 1 + history.length, label: 'some' }],
};
const noDigits: Filter = {
  holdBack: 3,
  checkInput: async (_context, text) => (/\d/.test(text) ? { block: 'no digits' } : undefined),
  checkOutput: (context, text) => (context.isFinal ? text.trim() : null),
};

export const pieces: ReplyPiece[] = [
  'Well.', { reasoning: 'Let me see.', usage: { inputTokens: 1 }, finishReason: 'stop' },
  // @ts-expect-error: a text is a piece by itself
  { text: 'Well.' },
  // @ts-expect-error: as the package has it, not as a service does
  { usage: { input_tokens: 1 } },
  // @ts-expect-error: nothing is no piece
  {},
];

/** What may not be there is given as it is. */
export function watch(session: Session, after: string | undefined, signal: AbortSignal | undefined): AsyncIterable<Event> {
  session.send('Hello', { signal, commandId: after, deadlineMs: undefined });
  return session.events({ after, participant: undefined, signal });
}

export async function talk(): Promise<string> {
  const engine = await Engine.open({ provider: 'model' }, {
    providers: { model }, tools: [clock], analyzers: [questions], filter: noDigits,
    toolApproval: (request) => request['tool'] === 'clock',
    jobHandlers: {
      mail: async (one, { signal }) => { if (signal.aborted) throw new GiveUp(one.id); },
      slow: { run: () => 'done', parallel: 1, timeLimitMs: 1000 },
    },
    embedders: { mine: { embed: async (texts) => texts.map((text) => [text.length]) } },
    tokenCounters: { '*': (text) => text.length / 4 },
    eventSinks: { audit: (event, { job }) => process(`${event.type} ${job.attempts}`) },
    secrets: (name) => (name === 'OPENAI_API_KEY' ? 'key' : undefined),
    onLog: ({ level, message, dropped }) => process(`${level} ${message} ${dropped.toFixed()}`),
  });
  const ann = engine.as({ subject: 'ann', roles: ['participant'] });
  const session = ann.createSession('job-interview', { variables: { position: 'pilot' }, seed: 7n });
  try {
    const turn = session.send('Hello', { audience: ['interviewer'], reply: true, deadlineMs: 1000 });
    await turn.accepted({ signal: AbortSignal.timeout(1000) });
    for await (const delta of turn) process(delta);
    const result = await turn.result();
    if (result.outcome === 'failed') return result.error?.message ?? turn.id;
    const code: ErrorCode | undefined = result.error?.code;
    const point: FailurePoint | undefined = result.error?.point;
    process(code ?? point ?? '');
  } catch (error) {
    if (error instanceof ContentFilteredError) return error.pointer;
    if (error instanceof NotFoundError) return error.code satisfies 'not_found';
    if (error instanceof ScenaError) return `${error.retryAfterMs ?? error.providerStatus} ${error.providerMessage} ${error.point}`;
    throw error;
  }
  for await (const event of session.events({ after: 'live', maxEvents: 10 })) show(event);
  const messages: Message[] = session.messages({ all: true });
  const rows: CostRow[] = engine.costs({ by: ['model', 'day'] });
  const reply = await engine.complete('model', { messages: [{ role: 'user', text: 'Hi' }] }, { onText: process });
  const { signal } = new AbortController();
  const { vectors } = await engine.embed(['a'], { purpose: 'query', signal });
  await session.join({ id: 'eva', name: 'Eva' });
  await session.update({ title: 'New', labels: { a: 'b', c: null } });
  await engine.putPreset({ id: 'x' });
  const copied: Session = await engine.importSession(await engine.exportSession(session.id, 'json', { signal }), { signal });
  const analysis: Analysis = copied.analysis();
  process(`${analysis.speakers[0]?.sentiment ?? 0} ${analysis.json}`);
  const counted: AnalyticsRow[] = await engine.analytics({ by: ['preset'], from: '2026-11-01' });
  process(`${counted[0]?.preset} ${counted[0]?.completion.low} ${(await engine.flow())[0]?.to}`);
  process(`${(await engine.judgeAgreement({ preset: 'x' }))[0]?.kappa ?? 0}`);
  const job: Job = await engine.enqueueJob('mail', { to: 'ann' }, { delayMs: 10 });
  process(job.state satisfies JobState);
  await engine.backup('there.db', { signal });
  await new Engine('{"seed":7}').putPreset('{}', { signal });
  engine.closeSync();
  await engine.close();
  // @ts-expect-error a role that does not exist
  void engine.complete('model', { messages: [{ role: 'cook', text: 'Hi' }] });
  // @ts-expect-error errors are made by the library
  new ScenaError();
  return `${messages.length} ${rows[0]?.cost} ${reply.text} ${vectors[0]?.length} ${engine.stats().deltas_merged}`;
}

function process(text: string): void {
  void text;
}

function show(event: Event): string {
  return event.json + event.cursor;
}

export function standalone(): string {
  const meter = new Meter();
  const { sentiment, industry } = meter.measure({ text: 'Hello', question: 'Who?', history: [{ role: 'self', text: 'a' }], id: 7 });
  // @ts-expect-error who wrote it is the message's own writer, or another
  meter.measure({ text: 'Hello', history: [{ role: 'user', text: 'a' }] });
  const [fault] = checkPreset({ id: 'x' });
  return `${version()} ${sentiment?.toFixed() ?? ''} ${industry} ${fault?.pointer}`;
}

export async function untilIdle(signal: AbortSignal): Promise<boolean> {
  const engine = new Engine({}, {}, { fromEnv: true });
  await engine.runUntilIdle({ signal });
  return engine.stats().idle;
}

export async function rollouts(signal: AbortSignal): Promise<number> {
  const { rows, stopped } = await runBatch({ presets: ['job-interview'] }, {
    config: { clock: 'virtual' }, workers: 2, signal, onProgress: ({ done, total }) => process(`${done} of ${total}`),
  });
  return stopped === '' ? rows.length : 0;
}
