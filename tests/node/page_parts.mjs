// What docs/start-node.md shows in parts, run as it stands there: page_parts.mjs
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Engine, Meter, checkPreset, runBatch } from '../../bindings/node/lib/index.js';

const folder = mkdtempSync(join(tmpdir(), 'scena-'));
const out = join(folder, 'out');
const config = { provider: 's', providers: { s: { url: 'script:', options: { replies: ['Why?'], instant: true } } } };
const isFine = async (text) => !text.includes('secret');
const askSomebody = async () => false;
const stored = [];
const store = (event) => stored.push(event.type);
const mailed = [];
const send = (payload) => mailed.push(payload.to);
const vectorOf = (text) => [text.length, 1];
const tokenizer = { encode: (text) => text.split(' ') };
const keys = {};

{
  const engine = new Engine({ provider: 'openai:gpt-4o' }, { secrets: (name) => process.env[name] }); // OPENAI_API_KEY
  const local = new Engine({ provider: 'openai+http://localhost:11434/v1', model: 'llama3.2' }); // Ollama, llama.cpp, ...

  await Promise.all([engine.close(), local.close()]);
}

{
  const engine = await Engine.open(config, {
    filter: { holdBack: 8, checkInput: async ({ speaker }, text) => (await isFine(text) ? undefined : { block: 'house rules' }) },
    analyzers: [{ name: 'questions', measure: (message, history) => message.text.split('?').length - 1 }],
    toolApproval: async (request) => await askSomebody(request) || 'nobody agreed',
  });

  const session = engine.createSession('job-interview');
  await session.send('Hello').result();
  assert.equal(session.messages().at(-1).metrics.find(({ metric }) => metric === 'questions').value, 1);
  await assert.rejects(session.send('a secret').result(), { code: 'content_filtered' });
  await engine.close();
}

{
  const engine = await Engine.open(config, {
    embedders: { mine: { embed: async (texts) => texts.map(vectorOf) } }, // engine.embed(texts, { provider: 'mine' })
    tokenCounters: { 'gpt-4o': (text) => tokenizer.encode(text).length }, // at once; throws: a token for four bytes
    eventSinks: { audit: { events: ['turn.finished'], deliver: async (event, { job, signal }) => store(event) } },
    secrets: (name) => keys[name], // at once; undefined: not here
  });

  assert.deepEqual((await engine.embed(['abc'], { provider: 'mine' })).vectors, [[3, 1]]);
  await engine.createSession('job-interview').send('Hello').result();
  while (stored.length === 0) await new Promise((resolve) => { setTimeout(resolve, 1); });
  await engine.close();
}

{
  const engine = await Engine.open(config);
  const session = engine.createSession('job-interview');
  const turn = session.send('I rebuilt the scheduler.');
  await session.complete();
  assert.equal((await turn.result()).outcome, 'complete');

  for await (const event of session.events()) if (event.type === 'analysis.stored') break;
  const { summary, speakers, evasions } = session.analysis();
  const [row] = await engine.analytics({ by: ['preset'], from: '2026-11-01' });
  const left = (await engine.flow()).filter((step) => step.to === '(dropped)');

  assert.ok(summary && speakers && evasions && row && left);
  await engine.close();
}

{
  const engine = await Engine.open(config, { jobHandlers: { mail: async (job, { signal }) => send(JSON.parse(job.payload), signal) } });
  await engine.enqueueJob('mail', { to: 'anna' }, { id: 'welcome-anna', key: 'anna' });

  while (mailed.length === 0) await new Promise((resolve) => { setTimeout(resolve, 1); });
  assert.deepEqual(mailed, ['anna']);
  await engine.close();
}

{
  const { signal } = new AbortController();
  const shown = [];
  const show = (share) => shown.push(share);

  const { rows, groups, stopped } = await runBatch(
    { presets: ['salary-negotiation'], seeds: { first: 1, count: 20 } },
    { config: { clock: 'virtual' }, folder: out, workers: 2, signal, onProgress: ({ done, total }) => show(done / total) });

  assert.equal(rows.length, 20);
  assert.ok(groups && stopped === '' && shown.at(-1) === 1);
}
rmSync(folder, { recursive: true });

{
  const preset = { id: 'x' };
  const lines = [{ question: 'Why did you leave?', text: 'No comment.' }];
  const meter = new Meter(); // the metrics of sessions, for messages that come from elsewhere
  const rows = lines.map(({ question, text }) => meter.measure({ question, text }));
  const faults = checkPreset(preset); // [{ pointer, message, example }], empty when it is sound

  assert.ok(rows[0].evasiveness > 0.8);
  assert.ok(faults.some(({ pointer }) => pointer === '/title'));
}
