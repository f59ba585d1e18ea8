// Memory after many sessions, and what is held of engines and listeners that have gone:
//   MALLOC_ARENA_MAX=1 node --expose-gc --max-semi-space-size=1 growth.mjs [SESSIONS]
// The one arena lets mallinfo2() count everything that the library holds; V8's young generation would grow by itself.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import koffi from 'koffi';
import { Engine } from '../lib/index.js';
import { tablesHeld } from '../lib/native.js';

const sessions = Number(process.argv[2] ?? 1000);
const allowedKiB = 512 + sessions * 0.15; // in use
const allowedRssKiB = 2048 + sessions * 8; // pages that hold little more than nothing
const libc = koffi.load('libc.so.6');
const names = 'arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost'.split(' ');
const counts = koffi.struct(Object.fromEntries(names.map((name) => [name, 'size_t'])));
const mallinfo = libc.func('mallinfo2', counts, []);
const trim = libc.func('int malloc_trim(size_t)');
const model = { *reply() { yield 'Good morning.'; } };
const tool = { name: 'clock', everywhere: true, call: () => '12:30' };

/** Lets what has gone be collected, and what hears of that run. */
async function settle() {
  for (let round = 0; round < 10; ++round) {
    global.gc();
    await new Promise((resolve) => { setTimeout(resolve, 1); });
  }
}
/** KiB in use, of the library and of V8, and resident. */
async function measure() {
  await settle();
  trim(0); // what the allocator keeps for later is no growth
  const { rss, heapUsed } = process.memoryUsage();
  return { used: (Number(mallinfo().uordblks) + heapUsed) / 1024, rss: rss / 1024 };
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
  const before = await measure();
  for (let i = 0; i < sessions; ++i) await talk(engine);
  const after = await measure();
  const [used, rss] = [after.used - before.used, after.rss - before.rss].map(Math.round);
  console.log(`${sessions} sessions: in use ${Math.round(before.used)} KiB and ${used} more, resident ${Math.round(before.rss)} KiB and ${rss} more`);
  assert.ok(engine.stats().sessions_loaded <= 5);
  assert.equal(tablesHeld(), 1); // of the model
  assert.ok(used < allowedKiB, `allowed are ${allowedKiB} KiB more in use`);
  assert.ok(rss < allowedRssKiB, `allowed are ${allowedRssKiB} KiB more resident`);
} finally {
  await engine.close();
  rmSync(folder, { recursive: true });
}
