// One figure of the Node package as JSON; node_figures.py runs it.
// Times are of the processor, so that what else the machine does does not count; those of waiting are the clock's.
import { createRequire } from 'node:module';

const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
const began = cpu();
const { Engine } = await import('../bindings/node/lib/index.js');
const imported = cpu() - began;

const words = Array.from({ length: 400 }, (_, i) => `word${i}`).join(' ');
const script = (options) => ({
  live_metrics: false, metrics: ['sentiment'], provider: 'model',
  providers: { model: { url: 'script:', options: { replies: [words], ...options } } },
});

/**
 * How long `work` took, and the longest turn of Node's loop in it, by this thread's time of the processor: what neighbours
 * take does not count. Nor would waiting, which the test of a slow store looks for. The loop never rests meanwhile.
 */
async function watched(work) {
  const koffi = createRequire(new URL('../bindings/node/package.json', import.meta.url))('koffi');
  const clock = koffi.load('libc.so.6').func('int clock_gettime(int, _Out_ int64_t *)');
  const ofThread = 3; // CLOCK_THREAD_CPUTIME_ID
  const time = new BigInt64Array(2);
  const own = () => {
    clock(ofThread, time);
    return Number(time[0]) * 1e3 + Number(time[1]) / 1e6;
  };
  let held = 0;
  let last = own();
  let running = true;
  const turn = () => {
    const now = own();
    held = Math.max(held, now - last);
    last = now;
    if (running) setImmediate(turn);
  };
  setImmediate(turn);
  const start = performance.now();
  await work();
  const ms = performance.now() - start;
  running = false;
  return { ms, held };
}

const figures = {
  async import() {
    return { ms: imported };
  },

  /** Tokens of replies that come as fast as they can, read as a back end reads them. */
  async tokens(turns) {
    const engine = new Engine({ ...script({ instant: true }), seed: 7 });
    let tokens = 0;
    let bytes = 0;
    let start = cpu();
    for (let i = -100; i < turns; ++i) { // the first hundred warm up
      if (i === 0) [tokens, start] = [0, cpu()];
      const turn = engine.createSession('job-interview').send('Hello');
      for await (const delta of turn) bytes += delta.length;
      tokens += (await turn.result()).usage.output_tokens;
    }
    return { tokens, bytes, us: ((cpu() - start) * 1000) / tokens };
  },

  /** What a poll costs in which one reply gets a token and the others wait. */
  async poll(waiting) {
    const silent = { async *reply(_request, { signal }) {
      yield 'Well';
      await new Promise((resolve) => { signal.addEventListener('abort', resolve); });
    } };
    const engine = new Engine({ ...script({ instant: true }), clock: 'virtual', seed: 7 }, { providers: { silent } });
    const held = [];
    for (let i = 0; i < waiting; ++i) {
      const turn = engine.createSession('job-interview', { provider: 'silent' }).send('Hello');
      held.push(turn.result().catch(() => {}));
    }
    for (let i = 0; i < 200; ++i) {
      engine.poll();
      await new Promise((resolve) => { setImmediate(resolve); });
    }
    const polls = 5000;
    const start = cpu();
    for (let i = 0; i < polls; ++i) engine.poll();
    const us = ((cpu() - start) * 1000) / polls;
    await engine.close();
    return { us };
  },

  /** The longest time that the JavaScript thread was held while a slow store took messages. */
  async store(path) {
    const engine = new Engine({ ...script({ instant: true }), storage: `sqlite:${path}`, durability: 'power' });
    const session = engine.createSession('job-interview');
    await session.start();
    const turns = 20;
    const sent = await watched(async () => {
      for (let i = 0; i < turns; ++i) await session.send('Hello').result();
    });
    const other = new Engine(script({ instant: true }));
    const copied = other.createSession('job-interview');
    await copied.start();
    const text = await other.exportSession(copied.id);
    const changed = await watched(async () => {
      await engine.putPreset({ ...engine.preset('job-interview'), id: 'mine' });
      await engine.removePreset('mine');
      await engine.seedPresets();
      await engine.importSession(text);
      await engine.rebuild(session.id);
    });
    await engine.close();
    await other.close();
    return { turns, ms: sent.ms, held_ms: sent.held, changes_ms: changed.ms, changes_held_ms: changed.held };
  },
};

const [, , what, argument] = process.argv;
console.log(JSON.stringify(await figures[what](Number.isNaN(Number(argument)) ? argument : Number(argument))));
