// Ends with an engine open: ending.mjs idle | live | exit.
import { Engine } from '../lib/index.js';

const engine = new Engine({ provider: 'slow' }, { providers: { slow: { async *reply(_request, { signal }) {
  yield 'Well, ';
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
} } } });
const session = engine.createSession('job-interview');
if (process.argv[2] !== 'idle') {
  for await (const delta of session.send('Hello')) if (delta !== '') break;
}
if (process.argv[2] === 'exit') process.exit(3);
