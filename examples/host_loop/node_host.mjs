// One reply, streamed on Node's own loop through koffi. JavaScript cannot watch an epoll descriptor:
// "watcher": "pipe" makes scena_engine_wait_fd a pipe, and all polling happens on this thread.
import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import koffi from 'koffi';

const lib = koffi.load(process.env.SCENA_LIBRARY ?? 'libscena.so.1');
const Event = koffi.struct('scena_event', {
  struct_size: 'uint32', is_durable: 'uint32', seq: 'uint64', off: 'int64', type: 'str',
  text: 'str', text_len: 'size_t', json: 'str', json_len: 'size_t', cursor: 'str',
});
const message = lib.func('const char *scena_error_message(void *)');
const call = (signature) => {
  const run = lib.func(`int32_t ${signature}`);
  return (...args) => {
    const error = [null];
    if (run(...args, error) !== 0) throw new Error(message(error[0]));
  };
};
const createEngine = call('scena_engine_create(const char *, _Out_ void **, _Out_ void **)');
const createSession = call('scena_session_create(void *, const char *, void *, _Out_ void **, _Out_ void **)');
const openEvents = call('scena_session_events(void *, void *, _Out_ void **, _Out_ void **)');
const send = call('scena_session_send(void *, void *, const char *, size_t, void *, _Out_ void **)');
const poll = call('scena_engine_poll(void *, int64_t, _Out_ void **)');
const next = lib.func('int32_t scena_events_next(void *, int64_t, _Inout_ scena_event *, void *)');
const waitFd = lib.func('int scena_engine_wait_fd(void *)');
const destroy = (noun, handle) => lib.func(`void scena_${noun}_destroy(void *)`)(handle);

const engine = [null], session = [null], events = [null];
createEngine('{"provider": "script:", "watcher": "pipe"}', engine);
createSession(engine[0], 'job-interview', null, session);
openEvents(session[0], null, events);
const line = 'I rebuilt the scheduler.';
send(session[0], null, line, Buffer.byteLength(line), null);

// A copy of the pipe's end, which the socket may read and close as it likes.
const copy = openSync(`/proc/self/fd/${waitFd(engine[0])}`, constants.O_RDONLY | constants.O_NONBLOCK);
const watcher = new Socket({ fd: copy, readable: true, writable: false });
watcher.on('data', onReady);
onReady();

function onReady() {
  poll(engine[0], 2000);
  const event = { struct_size: koffi.sizeof(Event) };
  while (next(events[0], 0, event, null) === 0) {
    if (event.type === 'delta') process.stdout.write(event.text);
    if (event.type === 'turn.finished') return finish();
  }
}

function finish() {
  process.stdout.write('\n');
  watcher.destroy();
  destroy('events', events[0]);
  destroy('session', session[0]);
  destroy('engine', engine[0]);
}
