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
const call = (signature, ...args) => {
  const error = [null];
  if (lib.func(`int32_t ${signature}`)(...args, error) !== 0) throw new Error(message(error[0]));
};
const poll = lib.func('int32_t scena_engine_poll(void *, int64_t, void *)');
const next = lib.func('int32_t scena_events_next(void *, int64_t, _Inout_ scena_event *, void *)');

const engine = [null], session = [null], events = [null], line = 'I rebuilt the scheduler.';
call('scena_engine_create(const char *, _Out_ void **, _Out_ void **)', '{"watcher": "pipe"}', engine);
call('scena_session_create(void *, const char *, void *, _Out_ void **, _Out_ void **)', engine[0], 'job-interview', null, session);
call('scena_session_events(void *, void *, _Out_ void **, _Out_ void **)', session[0], null, events);
call('scena_session_send(void *, void *, const char *, size_t, void *, _Out_ void **)', session[0], null, line, Buffer.byteLength(line), null);

// A copy of the pipe's end, which the socket may read and close as it likes.
const pipe = `/proc/self/fd/${lib.func('int scena_engine_wait_fd(void *)')(engine[0])}`;
const watcher = new Socket({ fd: openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK), readable: true, writable: false });
watcher.on('data', () => {
  poll(engine[0], 2000, null);
  const event = { struct_size: koffi.sizeof(Event) };
  while (next(events[0], 0, event, null) === 0) {
    if (event.type === 'delta') process.stdout.write(event.text);
    if (event.type === 'turn.finished') return finish();
  }
});

function finish() {
  process.stdout.write('\n');
  watcher.destroy();
  for (const [noun, [handle]] of Object.entries({ events, session, engine })) lib.func(`void scena_${noun}_destroy(void *)`)(handle);
}
