#!/usr/bin/env node
// Many replies of an OpenAI-compatible server at once through the Node package, beside the Node peers of a harness.
//   node_streams.mjs --workload w1|w2 --port P --streams S --tokens T --reps R --warm W [--mode complete|session] [--peer NAME]
// Prints one JSON line. `complete` is the model's text alone, as the peers have it; `session` a whole conversation: prompt,
// metrics, cost, event log and a viewer. A peer's name that ends in -session chooses it.
import { Engine } from '../bindings/node/lib/index.js';

const a = { peer: 'scena-node', mode: '', workload: 'w1', port: 18080, streams: 1, tokens: 20000, reps: 5, warm: 1, rate: 0 };
for (let i = 2; i + 1 < process.argv.length; i += 2) {
  const name = process.argv[i].slice(2);
  a[name] = typeof a[name] === 'number' ? Number(process.argv[i + 1]) : process.argv[i + 1];
}
if (a.rate > 0) throw new Error('--rate: this client runs the unpaced workloads, w1 and w2');
const mode = a.mode || (a.peer.endsWith('-session') ? 'session' : 'complete');
const system = 'You play a witness under questioning.';
const text = 'Where were you that night?';

const engine = await Engine.open({
  provider: 'mock', limits: { answer_bytes: 64 * 1024 * 1024 },
  providers: { mock: { url: `openai+http://127.0.0.1:${a.port}/v1`, api_key: 'x', model: `mock-t${a.tokens}-f0` } },
  prices: { '*': { input: '0.15', output: '0.6' } },
});
let bytes = 0;
let replies = 0;
let errors = 0;

const workers = {
  async complete(count) {
    for (let i = 0; i < count; ++i) {
      let reply = '';
      const { outcome } = await engine.complete('mock', { system, messages: [{ text }] }, { onText: (piece) => { reply += piece; } });
      finished(reply, outcome);
    }
  },
  async session(count) {
    const session = engine.createSession('police-interrogation');
    for (let i = 0; i < count; ++i) {
      let reply = '';
      const turn = session.send(text);
      for await (const piece of turn) reply += piece;
      finished(reply, (await turn.result()).outcome);
    }
  },
};
function finished(reply, outcome) {
  bytes += Buffer.byteLength(reply);
  ++replies;
  if (outcome !== 'complete') ++errors;
}
const all = (count) => Promise.all(Array.from({ length: a.streams }, () => workers[mode](count)));

await all(a.warm);
[bytes, replies, errors] = [0, 0, 0];
const rss0 = process.memoryUsage.rss();
const cpu = process.cpuUsage();
const began = performance.now();
await all(a.reps);
const { user, system: kernel } = process.cpuUsage(cpu);
const wall = (performance.now() - began) / 1000;
const seconds = (user + kernel) / 1e6;
const tokens = replies * a.tokens;
console.log(JSON.stringify({
  peer: a.peer, version: `scena ${engine.capabilities().version ?? ''}, node ${process.version}`, workload: a.workload,
  streams: a.streams, tokens_per_reply: a.tokens, rate: 0, tokens, bytes, replies, errors, cpu_s: seconds, sys_s: kernel / 1e6,
  wall_s: wall, tok_per_cpu_s: Math.round(tokens / seconds), tok_per_wall_s: Math.round(tokens / wall),
  us_per_tok: Number(((seconds / tokens) * 1e6).toFixed(4)), rss0_kb: Math.round(rss0 / 1024),
  rss1_kb: Math.round(process.memoryUsage.rss() / 1024),
}));
await engine.close();
