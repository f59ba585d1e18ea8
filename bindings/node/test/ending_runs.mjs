// Processes that end with engines open, in every way: ending_runs.mjs [RUNS]. Each must end by itself and in peace.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('ending.mjs', import.meta.url));
const statuses = { idle: 0, live: 0, exit: 3, closing: 3, closed: 0, opening: 3, inside: 3 };
const ways = Object.keys(statuses);
const runs = Number(process.argv[2] ?? 5 * ways.length);
let faults = 0;
for (let run = 0; run < runs; ++run) {
  const how = ways[run % ways.length];
  const ended = spawnSync(process.execPath, [program, how], { encoding: 'utf8', timeout: 60_000 });
  if (ended.signal === null && ended.status === statuses[how] && ended.stderr === '') continue;
  ++faults;
  console.error(`${how}: status ${ended.status}, signal ${ended.signal}\n${ended.stderr}`);
}
console.log(`${runs} processes ended, ${faults} badly`);
process.exitCode = faults === 0 ? 0 : 1;
