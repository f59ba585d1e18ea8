// With tests/node/other_version.c for the library, which says that its structs are longer or shorter than ours.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';

const library = new URL('../lib/index.js', import.meta.url).href;

/** What `program` prints with a library whose `struct` has so many bytes more or less; it has `Engine` and `codeOf(call)`. */
function output(program, { struct, bytes, abi }) {
  const made = `
    try {
      const { Engine } = await import('${library}');
      const codeOf = (call) => { try { call(); return 'fine'; } catch (error) { return error.code + ' ' + error.message; } };
      const engine = new Engine();
      ${program}
      engine.closeSync();
    } catch (error) {
      console.log(error.name, error.code, error.message);
    }`;
  const env = { ...process.env, SCENA_LIBRARY: process.env.SCENA_OTHER_VERSION, OTHER_VERSION_STRUCT: struct };
  if (bytes !== undefined) env.OTHER_VERSION_BYTES = String(bytes);
  if (abi !== undefined) env.OTHER_VERSION_ABI = String(abi);
  const ran = spawnSync(process.execPath, ['--input-type=module', '-e', made], { env, encoding: 'utf8' });
  assert.equal(ran.status, 0, ran.stderr);
  return ran.stdout;
}
const talk = `
  const session = engine.createSession('job-interview', { seed: 1, retention: 'keep' });
  let text = '';
  for await (const delta of session.send('Hello')) text += delta;
  for await (const event of session.events()) if (event.type === 'turn.finished') break;
  console.log(text === session.messages().at(-1).text);`;

test('a library with longer structs than ours is used', () => {
  for (const struct of ['scena_session_options', 'scena_send_options', 'scena_events_options', 'scena_event']) {
    assert.equal(output(talk, { struct, bytes: 16 }), 'true\n', struct);
  }
  const parts = `
    const tools = [{ name: 'clock', call() {} }];
    new Engine({}, { tools, onLog() {} }).closeSync();
    console.log('made');`;
  for (const struct of ['scena_tool', 'scena_log_line']) assert.equal(output(parts, { struct, bytes: 8 }), 'made\n', struct);
});

test('a library with shorter structs is used for what it knows, and never for what it would not see', () => {
  const program = `
    for (let round = 0; round < 2; ++round) {
      console.log(codeOf(() => engine.createSession('job-interview', { seed: 1 })));
      console.log(codeOf(() => engine.createSession('job-interview', { retention: 'session' })));
    }`;
  const lines = output(program, { struct: 'scena_session_options', bytes: -16 }).trim().split('\n');
  assert.deepEqual(lines.filter((_, at) => at % 2 === 0), ['fine', 'fine']);
  for (const line of lines.filter((_, at) => at % 2 === 1)) {
    assert.match(line, /^unsupported retention: the scena library found is too old for it; install .* SCENA_LIBRARY$/);
  }
});

test('a library that cannot be used is refused when it is loaded', () => {
  const refused = /^UnsupportedError unsupported the scena library found .*; install .* SCENA_LIBRARY\n$/;
  for (const struct of ['scena_event', 'scena_log_line']) assert.match(output('', { struct, bytes: -8 }), refused);
  assert.match(output('', { abi: 2 }), refused);
});
