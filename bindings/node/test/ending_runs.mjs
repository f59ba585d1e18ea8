// Processes that end with engines open, in every way, some at once: ending_runs.mjs [RUNS]. Each must end by itself and in
// peace.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('ending.mjs', import.meta.url));
const statuses = { idle: 0, live: 0, exit: 3, closing: 3, closed: 0, opening: 3, inside: 3 };
const ways = Object.keys(statuses);
const runs = Number(process.argv[2] ?? 5 * ways.length);
const atOnce = 4;
let begun = 0;
let faults = 0;

/** Whether a process that ends so ended well. */
function run(how) {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [program, how], { timeout: 60_000 }, (_error, _output, said) => {
      const isGood = child.signalCode === null && child.exitCode === statuses[how] && said === '';
      if (!isGood) console.error(`${how}: status ${child.exitCode}, signal ${child.signalCode}\n${said}`);
      resolve(isGood);
    });
  });
}

async function runInTurn() {
  while (begun < runs) if (!await run(ways[begun++ % ways.length])) ++faults;
}

await Promise.all(Array.from({ length: atOnce }, runInTurn));
console.log(`${begun} processes ended, ${faults} badly`);
process.exitCode = faults === 0 && begun === runs ? 0 : 1;
