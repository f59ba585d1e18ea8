// A back end that streams conversations to browsers as server-sent events, with Express.
//   GET  /                             a page that talks, page.html
//   POST /sessions                     {"preset"}  -> {"id", "participant"}: who the person is
//   POST /sessions/ID/messages         {"text"}    -> {"turn"}; the reply comes as events
//   GET  /sessions/ID/events           the events; a browser's EventSource reconnects behind the last one it saw
import { fileURLToPath } from 'node:url';
import express from 'express';
// In a program of your own: import { Engine, ScenaError } from 'scena-engine'.
import { Engine, ScenaError } from '../../../bindings/node/lib/index.js';

const statuses = { not_found: 404, invalid_argument: 400, wrong_state: 409, rate_limited: 429, overloaded: 503 };
const engine = new Engine(JSON.parse(process.env.SCENA_CONFIG ?? '{}'));
const app = express();
app.use(express.json({ limit: '100kb' }));

/** Whose browser it is: it sees what this participant may see. */
function personIn(session) {
  const person = session.info().participants.find((participant) => participant.is_human);
  if (person === undefined) throw Object.assign(new Error('nobody in this session is a person'), { status: 409, code: 'wrong_state' });
  return person.id;
}

/** Sends a viewer's events until it leaves; what it is too slow for waits in its bounded queue. */
async function stream(session, request, response) {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const after = request.get('last-event-id');
  const events = session.events({ after, participant: personIn(session), signal: gone.signal }); // refused with a status
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.flushHeaders();
  try {
    for await (const event of events) {
      const fits = response.write(`id: ${event.cursor}\nevent: ${event.type}\ndata: ${event.json}\n\n`);
      if (!fits) await new Promise((resolve) => { response.once('drain', resolve).once('close', resolve); });
    }
    response.end();
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  }
}

app.get('/', (request, response) => response.sendFile(fileURLToPath(new URL('page.html', import.meta.url))));
app.post('/sessions', (request, response) => {
  const session = engine.createSession(request.body?.preset ?? 'job-interview');
  response.json({ id: session.id, participant: personIn(session) });
});
app.post('/sessions/:id/messages', async (request, response) => {
  const turn = engine.session(request.params.id).send(request.body?.text ?? '');
  await turn.accepted();
  response.json({ turn: turn.id });
});
app.get('/sessions/:id/events', (request, response) => stream(engine.session(request.params.id), request, response));
app.use((request, response) => response.status(404).end());

// Express knows an error handler by its four parameters, and what a body lacks by the error's status.
app.use((error, request, response, next) => {
  const isOurs = error instanceof ScenaError;
  const status = (isOurs ? statuses[error.code] : error.status) ?? 500;
  const code = error.code ?? (status < 500 ? 'invalid_argument' : 'internal');
  // What a body could not be read for may quote it: that is not for the log.
  console.error(`${request.method} ${request.path}: ${status} ${code}`, isOurs ? error.message : (status < 500 ? '' : error));
  if (response.headersSent) return response.destroy();
  response.status(status).json({ error: { code, message: isOurs || status < 500 ? error.message : '' } });
});

const server = app.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', (error) => {
  if (error === undefined) {
    console.log(`listening on http://127.0.0.1:${server.address().port}`);
    return;
  }
  console.error(`cannot listen: ${error.message}; PORT names another port`);
  process.exitCode = 1;
  engine.close();
});
process.on('SIGTERM', () => {
  engine.close(); // ends the streams, too
  server.close();
  server.closeAllConnections();
});
