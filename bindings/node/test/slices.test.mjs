// Where many have something at once, each turn of Node's loop settles a slice of them: counted, not timed.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Engine } from '../lib/index.js';

const slice = 64;
const most = 2 * slice; // what is left of one slice when something comes, and the next slice in the same turn
const instant = { provider: 's', providers: { s: { url: 'script:', options: { replies: ['Good morning.'], instant: true } } } };

/** Counts what happens between two turns of Node's loop: `count()` at each, `stop()` gives the most of one turn and the number of turns. */
function turns() {
  let now = 0;
  let highest = 0;
  let passed = 0;
  let running = true;
  const next = () => {
    highest = Math.max(highest, now);
    passed += now > 0 ? 1 : 0;
    now = 0;
    if (running) setImmediate(next);
  };
  setImmediate(next);
  return {
    count() { now += 1; },
    stop() {
      running = false;
      return { highest: Math.max(highest, now), passed };
    },
  };
}

test('many replies that end at once are handed out slice by slice', async (t) => {
  const engine = new Engine({ ...instant, clock: 'virtual', seed: 7, live_metrics: false, metrics: ['sentiment'] });
  t.after(() => engine.close());
  const counted = turns();
  const replies = Array.from({ length: 1000 }, () => engine.createSession('job-interview').send('Hello').result().then((result) => {
    counted.count();
    return result.outcome;
  }));
  engine.advance(60_000); // all of them, in one call
  assert.deepEqual(new Set(await Promise.all(replies)), new Set(['complete']));
  const { highest, passed } = counted.stop();
  assert.ok(highest <= most, `${highest} in one turn`);
  assert.ok(passed >= 1000 / most, `${passed} turns`);
});

test('what one call has brought is told whole, however many wait for it', async (t) => {
  const later = { provider: 's', providers: { s: { url: 'script:', options: { replies: ['Good morning.'], delay_ms: 1000 } } } };
  const engine = new Engine({ ...later, clock: 'virtual', seed: 7 });
  t.after(() => engine.close());
  const all = 1000;
  const waiting = all / slice + 20; // turns of Node's loop, in which nothing else asks the engine
  let settled = 0;
  for (let i = 0; i < all; ++i) engine.complete('s', { messages: [{ role: 'user', text: 'Hello' }] }).then(() => { settled += 1; });
  for (let i = 0; i < waiting; ++i) await new Promise(setImmediate); // until each has looked once
  assert.equal(settled, 0);
  engine.advance(60_000);
  for (let i = 0; i < waiting; ++i) await new Promise(setImmediate);
  assert.equal(settled, all);
});

test('a reader of many events leaves room for timers and for other readers', async (t) => {
  const engine = new Engine(instant);
  t.after(() => engine.close());
  const long = engine.createSession('job-interview');
  await long.start();
  const stored = 1500;
  for (let i = 0; i < stored; i += 30) {
    await Promise.all(Array.from({ length: 30 }, (_, at) => long.annotate('mark', { at: i + at })));
  }
  const counted = turns();
  let read = 0;
  const reading = (async () => {
    for await (const event of long.events()) {
      counted.count();
      if (event.type === 'app.mark' && ++read === stored) return;
    }
  })();
  let readAtTimer;
  setTimeout(() => { readAtTimer = read; }, 1);
  const other = engine.createSession('job-interview').send('Hello');
  assert.equal((await other.result()).outcome, 'complete');
  const readAtReply = read;
  await reading;
  const { highest } = counted.stop();
  assert.ok(highest <= most, `${highest} in one turn`);
  assert.ok(readAtTimer < stored, 'the timer came before the last event');
  assert.ok(readAtReply < stored, 'the other reply came before the last event');
});

test('whoever waits in the queue of a slice can leave it, and closing settles them all', async (t) => {
  const engine = new Engine({ ...instant, clock: 'virtual', seed: 7, live_metrics: false, metrics: ['sentiment'] });
  t.after(() => engine.close());
  const controllers = Array.from({ length: 500 }, () => new AbortController());
  const sessions = controllers.map(() => engine.createSession('job-interview'));
  const aborted = sessions.map((session, at) => session.send('Hello').accepted({ signal: controllers[at].signal }).catch((error) => error.message));
  const waiting = sessions.map((session) => session.send('Hello').result().then(({ outcome }) => outcome, ({ code }) => code));
  for (const controller of controllers) controller.abort(new Error('enough'));
  const answers = await Promise.all(aborted);
  assert.equal(answers.length, 500);
  for (const answer of answers) assert.ok(answer === 'enough' || answer === undefined, answer);
  await engine.close();
  assert.equal((await Promise.all(waiting)).length, 500);
});

test('one poll in each turn of the loop, and that ends behind the call that has used up its two milliseconds', async (t) => {
  const preset = { id: 'greeting', title: 'Greeting', characters: [{ id: 'rosa', name: 'Rosa' }, { id: 'me', name: 'Me', played_by: 'human' }] };
  const counted = turns();
  const slow = { name: 'slow', measure() {
    counted.count();
    for (const end = performance.now() + 2.1; performance.now() < end;);
    return 1;
  } };
  const engine = new Engine({ ...instant, live_metrics: false, metrics: ['sentiment'] }, { analyzers: [slow] });
  t.after(() => engine.close());
  const replies = Array.from({ length: 30 }, () => engine.createSession(preset).send('Hello').result());
  const outcomes = (await Promise.all(replies)).map(({ outcome }) => outcome);
  assert.deepEqual(new Set(outcomes), new Set(['complete']));
  const { highest, passed } = counted.stop();
  assert.equal(highest, 1);
  assert.equal(passed, 60); // each message and each reply is measured
});
