// Ends with an engine open: ending.mjs idle | live | exit | closing | closed | opening | inside.
import { Engine } from '../lib/index.js';

const how = process.argv[2];
const model = { async *reply(_request, { signal }) {
  yield 'Well, ';
  await new Promise((resolve) => { signal.addEventListener('abort', resolve); });
} };
const analyzers = how !== 'inside' ? [] : [{ name: 'leaves', measure: () => process.exit(3) }];
const engine = new Engine({ provider: 'slow' }, { providers: { slow: model }, analyzers });
const session = engine.createSession('job-interview');
if (how !== 'idle') {
  for await (const delta of session.send('Hello')) if (delta !== '') break;
}
if (how === 'exit') process.exit(3);
if (how === 'opening') {
  Engine.open();
  process.exit(3);
}
if (how === 'closing') {
  engine.close();
  setTimeout(() => process.exit(3), Math.random() * 5); // before, while and after it closes
}
if (how === 'closed') await engine.close();
