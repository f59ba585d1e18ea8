// What readers, engines and the package itself hold, and when they let go of it.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import test from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { ClosedError, Engine, WrongStateError } from '../lib/index.js';

const words = { *reply() { for (let i = 0; i < 5; ++i) yield `word ${i} `; } };
const whole = 'word 0 word 1 word 2 word 3 word 4 ';
const immediate = () => new Promise((resolve) => { setImmediate(resolve); });
const descriptors = () => readdirSync('/proc/self/fd').length;
function opened(t, config = {}, extensions = {}) {
  const engine = new Engine({ provider: 'words', ...config }, { providers: { words }, ...extensions });
  t.after(() => engine.close());
  return engine;
}
const collect = async (turn) => {
  let text = '';
  for await (const piece of turn) text += piece;
  return text;
};

test('a second reader of a turn is refused, and the first gets the whole text', async (t) => {
  const turn = opened(t).createSession('job-interview').send('Hello');
  const first = collect(turn);
  await assert.rejects(collect(turn), (error) => error instanceof WrongStateError && error.message.includes('turn.result()'));
  assert.equal(await first, whole);
  await assert.rejects(collect(turn), WrongStateError);
});

test('a reader that comes behind the end of its turn gets the whole text', async (t) => {
  const turn = opened(t).createSession('job-interview').send('Hello');
  await turn.result();
  await immediate();
  assert.equal(await collect(turn), whole);
});

test('turns that nobody reads are no slow viewers', async (t) => {
  const engine = opened(t);
  const session = engine.createSession({
    id: 'greeting', title: 'Greeting', characters: [{ id: 'rosa', name: 'Rosa' }, { id: 'me', name: 'Me', played_by: 'human' }],
  });
  const turns = [];
  for (let i = 0; i < 250; ++i) {
    turns.push(session.send('Hello'));
    await turns.at(-1).result();
  }
  assert.equal(engine.stats().viewers_lagged, 0);
  assert.equal(await collect(turns[0]), whole);
});

test('events and turns whose reading was ended before it began have no viewer', async (t) => {
  const many = { *reply() { for (let i = 0; i < 2000; ++i) yield 'word '; } };
  const engine = opened(t, { provider: 'many' }, { providers: { many } });
  const session = engine.createSession('job-interview');
  const kept = Array.from({ length: 20 }, () => session.events({ maxEvents: 5 }));
  for (const [at, events] of kept.entries()) {
    if (at % 2) await events.return();
    else await assert.rejects(events.throw(new Error('enough')), /enough/);
  }
  const turn = session.send('Hello');
  await turn[Symbol.asyncIterator]().return();
  assert.equal((await turn.result()).text, 'word '.repeat(2000));
  assert.equal(engine.stats().viewers_lagged, 0);
  assert.deepEqual(await kept[0].next(), { value: undefined, done: true });
});

test('who waits for an event is let go by return()', async (t) => {
  const events = opened(t).createSession('job-interview').events({ after: 'live' });
  const waiting = events.next();
  await events.return();
  assert.deepEqual(await waiting, { value: undefined, done: true });
});

test('closed engines keep no descriptors, whatever was made of them', async () => {
  const made = [];
  const round = async (close) => {
    const engine = new Engine({ provider: 'words' }, { providers: { words } });
    const shared = engine.as({ subject: 'ann' });
    const session = engine.createSession('job-interview');
    const turn = session.send('Hello');
    await turn.result();
    await close(engine);
    made.push({ engine, shared, session, turn }); // no collector takes them
  };
  await round((engine) => engine.close());
  const before = descriptors();
  for (let i = 0; i < 5; ++i) await round((engine) => engine.close());
  for (let i = 0; i < 5; ++i) await round((engine) => engine.closeSync());
  await immediate(); // of the pipes' own ends
  assert.ok(descriptors() <= before, `${descriptors()} descriptors, before ${before}`);
});

test('what is left of a closed engine fails as closed, at once and later', async () => {
  const engine = new Engine({ provider: 'words' }, { providers: { words } });
  const shared = engine.as({ subject: 'ann' });
  const session = engine.createSession('job-interview');
  const turn = session.send('Hello');
  await turn.result();
  await engine.close();
  for (const one of [engine, shared]) {
    for (const name of ['stats', 'capabilities', 'presets', 'sessions', 'poll', 'jobs', 'costs', 'runUntilIdle', 'seedPresets',
      'checkStorage', 'analytics', 'flow']) {
      await assert.rejects(async () => one[name](), ClosedError, name);
    }
    assert.throws(() => one.createSession('job-interview'), ClosedError);
    assert.throws(() => one.session(session.id), ClosedError);
    assert.throws(() => one.as({ subject: 'eve' }), ClosedError);
    assert.throws(() => one.advance(1), ClosedError);
    await assert.rejects(one.embed(['x'], { provider: 'y' }), ClosedError);
    await assert.rejects(one.complete('words', { messages: [{ text: 'x' }] }), ClosedError);
    await assert.rejects(one.backup('/nowhere'), ClosedError);
    assert.equal(one.nextDeadline(), undefined);
    await one.close();
    one.closeSync();
  }
  for (const name of ['info', 'state', 'messages', 'analysis', 'start', 'pause', 'fork', 'prompt', 'events']) {
    await assert.rejects(async () => session[name](), ClosedError, name);
  }
  assert.throws(() => session.send('Hello'), ClosedError);
  session.cancel();
  turn.cancel();
  assert.equal(turn.id, 't1');
  assert.equal((await turn.result()).text, whole);
  assert.equal(await collect(turn), whole);
});

test('calls on other threads end in peace when their engine is closed meanwhile', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'scena-'));
  t.after(() => rmSync(folder, { recursive: true, maxRetries: 10 }));
  for (let i = 0; i < 20; ++i) {
    const engine = new Engine({ provider: 'words', storage: `sqlite:${folder}/${i}.db` }, { providers: { words } });
    const session = engine.createSession('job-interview');
    await session.send('Hello').result();
    const calls = [engine.analytics(), engine.flow(), engine.checkStorage(), engine.backup(`${folder}/${i}.copy`), engine.exportSession(session.id)];
    if (i % 2) engine.closeSync();
    else engine.close();
    if (i % 4 === 0) engine.closeSync();
    for (const { reason } of await Promise.allSettled(calls)) if (reason) assert.equal(typeof reason.code, 'string', reason);
  }
});

test('functions that answer behind the end of their engine do so in peace', async () => {
  const answers = [];
  const later = (given) => new Promise((resolve) => { answers.push(() => resolve(given)); });
  const engine = new Engine({ provider: 'late' }, {
    providers: { late: { async *reply() { yield await later('Late.'); yield 'Later.'; } } },
    embedders: { late: { embed: (texts) => later(texts.map(() => [1])) } },
    jobHandlers: { late: () => later('done') },
    filter: { checkInput: (_context, text) => (text === 'held' ? later(undefined) : undefined) },
    eventSinks: { late: { events: ['message.*'], deliver: () => later('taken') } },
  });
  const waits = [
    engine.createSession('job-interview').send('Hello').result(), engine.createSession('job-interview').send('held').result(),
    engine.embed(['x'], { provider: 'late' }), engine.enqueueJob('late', 'x'), engine.complete('late', { messages: [{ text: 'x' }] }),
  ].map((one) => one.catch(() => {}));
  while (answers.length < 6) await immediate();
  engine.closeSync();
  await Promise.all(waits);
  for (const answer of answers) answer();
  for (let i = 0; i < 10; ++i) await immediate();
  assert.throws(() => engine.stats(), ClosedError);
});

test('an engine of a worker lets go of everything when it is closed or the worker ends', async () => {
  const program = (end) => `
    import('${new URL('../lib/index.js', import.meta.url)}').then(async ({ Engine }) => {
      const engine = new Engine();
      globalThis.kept = [engine, engine.as({ subject: 'ann' }), engine.createSession('job-interview')];
      ${end}
    });`;
  const run = async (end) => {
    const worker = new Worker(program(end), { eval: true });
    assert.equal(await new Promise((resolve, reject) => { worker.once('exit', resolve).once('error', reject); }), 0);
  };
  await run('');
  await run('');
  const before = descriptors();
  for (const end of ['await engine.close();', 'engine.closeSync();', '', 'process.exit();']) await run(end);
  assert.ok(descriptors() <= before, `${descriptors()} descriptors, before ${before}`);
});

test('the package may be there twice in one process, as two versions of it would be', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'scena-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const koffi = createRequire(import.meta.url).resolve('koffi').split(`${sep}node_modules${sep}`)[0];
  symlinkSync(join(koffi, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  cpSync(fileURLToPath(new URL('../lib', import.meta.url)), join(folder, 'lib'), { recursive: true });
  const other = await import(pathToFileURL(join(folder, 'lib/index.js')));
  assert.notEqual(other.Engine, Engine);
  for (const Made of [Engine, other.Engine, Engine]) {
    const lines = [];
    const engine = new Made({ provider: 'words', log_level: 'trace' }, { providers: { words }, onLog: (line) => lines.push(line) });
    const session = engine.createSession('job-interview');
    assert.equal(await collect(session.send('Hello')), whole);
    for await (const { type } of session.events()) if (type === 'turn.finished') break;
    await engine.close();
    assert.ok(lines.length > 0);
  }
});
