// Under LD_PRELOAD of tests/node/counted_names.c, which counts what the JavaScript thread resolves by itself.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import test from 'node:test';
import koffi from 'koffi';
import { Engine } from '../lib/index.js';

const shim = koffi.load(process.env.SCENA_COUNTED_NAMES);
const names = shim.func('int names_on_first_thread()');
const everybodys = koffi.load(null); // as libraries see it: the one in between, where it stands there
const getaddrinfo = everybodys.func('int getaddrinfo(const char*, const char*, void*, _Out_ void**)');

test('no call resolves a name on the JavaScript thread', async (t) => {
  const server = createServer((request, response) => {
    request.resume();
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ choices: [{ message: { content: 'Good morning.' }, finish_reason: 'stop' }] }));
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  t.after(() => server.close());
  const engine = await Engine.open({
    provider: 's', providers: { s: { url: 'openai:m', base_url: `http://localhost:${server.address().port}/v1` } },
  });
  t.after(() => engine.close());
  assert.equal((await engine.complete('s', { messages: [{ text: 'Hello' }], stream: false })).text, 'Good morning.');
  const session = engine.createSession('job-interview');
  assert.equal((await session.send('Hello').result()).text, 'Good morning.');
  assert.equal(names(), 0);
  getaddrinfo('localhost', null, null, [null]); // what a library's call would have been counted as
  assert.equal(names(), 1);
});
