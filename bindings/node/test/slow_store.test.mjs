// Under LD_PRELOAD of tests/node/slow_sync.c, which lets a sync of a file take as long as it is told to.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import koffi from 'koffi';
import { Engine } from '../lib/index.js';

const shim = koffi.load(process.env.SCENA_SLOW_SYNC);
const syncs = shim.func('int slow_syncs()');
const givenUp = shim.func('int slow_syncs_given_up()');
const waiting = shim.func('int slow_syncs_waiting()');
const hold = shim.func('void slow_syncs_hold(int)');

test('no call commits on the JavaScript thread', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'scena-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const engine = new Engine({
    storage: `sqlite:${folder}/a.db`, provider: 's',
    providers: { s: { url: 'script:', options: { replies: ['Yes.'], instant: true } } },
  }, { jobHandlers: { mail: () => 'sent' } });
  t.after(() => engine.close());
  const session = engine.createSession('job-interview');
  await session.start();
  const other = new Engine({ clock: 'virtual' });
  t.after(() => other.close());
  const copied = other.createSession('job-interview');
  other.advance(0);
  const text = await other.exportSession(copied.id);

  const calls = {
    send: () => session.send('Hello').result(),
    setVariable: () => session.setVariable('position', 'pilot'),
    fork: () => session.fork(),
    putPreset: () => engine.putPreset({ ...engine.preset('job-interview'), id: 'mine' }),
    seedPresets: () => engine.seedPresets(),
    removePreset: () => engine.removePreset('mine'),
    enqueueJob: () => engine.enqueueJob('mail', 'ann'),
    importSession: () => engine.importSession(text),
    complete: () => session.complete(),
    async analyze() {
      for await (const event of session.events()) if (event.type === 'analysis.stored') break;
      await session.analyze(); // while one is on its way, that one is the answer
    },
    remove: () => session.remove(),
    createSession: () => engine.createSession('angry-customer').start(),
    backup: () => engine.backup(`${folder}/b.db`),
  };
  for (const [name, call] of Object.entries(calls)) {
    const before = syncs();
    hold(1); // until this thread has come to its loop again: a call that waits for the store never lets it go
    const done = call();
    for (let turns = 0; turns < 20; ++turns) await new Promise((resolve) => { setImmediate(resolve); });
    hold(0);
    await done;
    assert.equal(givenUp(), 0, `${name} waits for the store on the JavaScript thread`);
    assert.ok(syncs() > before, `${name} has stored something`);
  }
  assert.equal(await engine.rebuild(copied.id), true);
  assert.equal((await engine.analytics({ by: ['preset'] })).length, 2);
});

// The loop turns while a sync is held, whoever waits for that.
async function withHeldSync(call) {
  hold(1);
  const done = call();
  for (const end = Date.now() + 5000; waiting() === 0 && Date.now() < end;) await new Promise((resolve) => { setTimeout(resolve, 1); });
  const held = waiting();
  hold(0);
  const given = await done;
  assert.ok(held > 0, 'it stores something, and the loop goes on meanwhile');
  assert.equal(givenUp(), 0);
  return given;
}

test('opening, closing and exporting do not hold the JavaScript thread', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'scena-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const endless = { async *reply(_request, { signal }) {
    yield 'Once ';
    await new Promise((resolve) => { signal.addEventListener('abort', resolve); });
  } };
  const config = { storage: `sqlite:${folder}/a.db`, provider: 'endless' };
  const engine = await withHeldSync(() => Engine.open(config, { providers: { endless } }));
  const turns = [];
  for (let i = 0; i < 5; ++i) {
    turns.push(engine.createSession('job-interview').send('Hello'));
    for await (const delta of turns[i]) if (delta !== '') break;
  }
  const { id } = engine.sessions({ limit: 1 }).sessions[0];
  hold(1);
  const stored = engine.createSession('job-interview').start();
  while (waiting() === 0) await new Promise((resolve) => { setImmediate(resolve); });
  assert.ok((await engine.exportSession(id)).includes(id)); // reading waits for no commit
  assert.ok(waiting() > 0);
  hold(0);
  await stored;
  await withHeldSync(() => engine.close());
  assert.deepEqual(await Promise.all(turns.map(async (turn) => (await turn.result()).outcome)), Array(5).fill('interrupted'));
  const again = await Engine.open(config, { providers: { endless } });
  assert.equal(again.sessions().sessions.length, 6);
  await again.createSession('job-interview').start();
  // Nothing runs: what it waits for is the store alone, as it is let go.
  await withHeldSync(() => again[Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]());
});
