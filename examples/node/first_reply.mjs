// The first streamed reply, first.mjs.
import { Engine } from '../../bindings/node/lib/index.js';

const engine = new Engine();
const session = engine.createSession('job-interview');
const turn = session.send('I rebuilt the scheduler.');
for await (const delta of turn) process.stdout.write(delta);
console.log(`\n${(await turn.result()).outcome}`);
for (const { metric, value } of session.messages().at(-1).metrics) console.log(metric, value);
await engine.close();
