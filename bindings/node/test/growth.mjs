// Memory after many sessions, and what is held of engines and listeners that have gone: node --expose-gc growth.mjs [SESSIONS]
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Engine } from '../lib/index.js';
import { tablesHeld } from '../lib/native.js';

const sessions = Number(process.argv[2] ?? 1000);
const allowedKiB = 1024 + sessions * 0.5; // the index of a store in a file grows, and the heap comes and goes
const model = { *reply() { yield 'Good morning.'; } };
const tool = { name: 'clock', everywhere: true, call: () => '12:30' };

/** Lets what has gone be collected, and what hears of that run. */
async function settle() {
  for (let round = 0; round < 10; ++round) {
    global.gc();
    await new Promise((resolve) => { setTimeout(resolve, 1); });
  }
}
async function residentKiB() {
  await settle();
  return process.memoryUsage.rss() / 1024;
}

async function talk(engine) {
  const session = engine.createSession('job-interview');
  const turn = session.send('Hello');
  let text = '';
  for await (const delta of turn) text += delta;
  assert.equal(text, 'Good morning.');
  await session.complete();
}

// Engines that were closed leave no table behind, and listeners none; nor does one that could not be made.
for (let i = 0; i < 20; ++i) {
  const engine = new Engine({ provider: 'model' }, { providers: { model }, tools: [tool], filter: { checkInput() {} } });
  await engine.complete('model', { messages: [{ text: 'Hello' }] }, { onText() {} });
  assert.equal(tablesHeld(), 3);
  await engine.close();
  assert.throws(() => new Engine({ colour: 1 }, { providers: { model } }), { code: 'invalid_argument' });
}
assert.equal(tablesHeld(), 0);

const folder = mkdtempSync(join(tmpdir(), 'scena-'));
const engine = await Engine.open({ provider: 'model', durability: 'process', storage: `sqlite:${folder}/a.db` }, { providers: { model } });
try {
  for (let i = 0; i < 300; ++i) await talk(engine); // caches fill, the heap finds its size
  const before = await residentKiB();
  for (let i = 0; i < sessions; ++i) await talk(engine);
  const grown = await residentKiB() - before;
  assert.equal(engine.stats().sessions_loaded <= 1, true);
  assert.equal(tablesHeld(), 1); // of the model
  console.log(`${sessions} sessions: ${Math.round(before)} KiB before, ${Math.round(grown)} KiB more after`);
  assert.ok(grown < allowedKiB, `grown by ${Math.round(grown)} KiB, allowed are ${allowedKiB}`);
} finally {
  await engine.close();
  rmSync(folder, { recursive: true });
}
