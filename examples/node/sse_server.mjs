// A back end that streams conversations to browsers as server-sent events, with node:http alone.
//   GET  /                             a page that talks, sse_page.html
//   POST /sessions                     {"preset"}  -> {"id"}
//   POST /sessions/ID/messages         {"text"}    -> {"turn"}; the reply comes as events
//   GET  /sessions/ID/events           the events; a browser's EventSource reconnects behind the last one it saw
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
// In a program of your own: import { Engine, ScenaError } from 'scena-engine'.
import { Engine, ScenaError } from '../../bindings/node/lib/index.js';

const statuses = { not_found: 404, invalid_argument: 400, wrong_state: 409, rate_limited: 429, overloaded: 503 };
const page = readFileSync(new URL('sse_page.html', import.meta.url));
const engine = new Engine(JSON.parse(process.env.SCENA_CONFIG ?? '{}'));

async function bodyOf(request) {
  let text = '';
  for await (const piece of request) {
    text += piece;
    if (text.length > 100_000) throw Object.assign(new Error('the body is too long'), { code: 'invalid_argument' });
  }
  return JSON.parse(text || '{}');
}

/** Sends a viewer's events until it leaves; what it is too slow for waits in its bounded queue. */
async function stream(session, request, response) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.flushHeaders();
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const after = request.headers['last-event-id'];
  try {
    for await (const event of session.events({ after, participant: 'candidate', signal: gone.signal })) {
      const fits = response.write(`id: ${event.cursor}\nevent: ${event.type}\ndata: ${event.json}\n\n`);
      if (!fits) await new Promise((resolve) => { response.once('drain', resolve).once('close', resolve); });
    }
    response.end();
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  }
}

async function handle(request, response) {
  const [, kind, id, what] = new URL(request.url, 'http://localhost').pathname.split('/');
  if (kind === '' && request.method === 'GET') {
    return void response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
  }
  if (kind !== 'sessions') return void response.writeHead(404).end();
  let answer;
  if (request.method === 'POST' && id === undefined) {
    answer = { id: engine.createSession((await bodyOf(request)).preset ?? 'job-interview').id };
  } else if (request.method === 'POST' && what === 'messages') {
    const turn = engine.session(id).send((await bodyOf(request)).text ?? '');
    await turn.accepted();
    answer = { turn: turn.id };
  } else if (request.method === 'GET' && what === 'events') {
    return stream(engine.session(id), request, response);
  } else {
    return void response.writeHead(404).end();
  }
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
}

const server = createServer((request, response) => {
  handle(request, response).catch((error) => {
    const known = error instanceof ScenaError || error instanceof SyntaxError || error.code in statuses;
    const status = error instanceof SyntaxError ? 400 : statuses[error.code] ?? 500;
    if (response.headersSent) return response.destroy();
    response.writeHead(status, { 'content-type': 'application/json' });
    return response.end(JSON.stringify({ error: { code: error.code ?? 'internal', message: known ? error.message : '' } }));
  });
});
server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
process.on('SIGTERM', () => {
  engine.close(); // ends the streams, too
  server.close();
  server.closeAllConnections();
});
