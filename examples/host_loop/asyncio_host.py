"""One reply, streamed on asyncio's loop through ctypes: no thread, no network, no package."""
import asyncio
import ctypes as c
import os

lib = c.CDLL(os.environ.get("SCENA_LIBRARY", "libscena.so.1"))
lib.scena_error_message.restype = c.c_char_p
lib.scena_engine_next_deadline.restype = c.c_int64


class Event(c.Structure):
    _fields_ = [("struct_size", c.c_uint32), ("is_durable", c.c_uint32), ("seq", c.c_uint64), ("off", c.c_int64), ("type", c.c_char_p),
                ("text", c.c_void_p), ("text_len", c.c_size_t), ("json", c.c_void_p), ("json_len", c.c_size_t), ("cursor", c.c_char_p)]


def call(function, *arguments):
    error = c.c_void_p()
    if function(*arguments, c.byref(error)):
        raise RuntimeError(lib.scena_error_message(error).decode())


async def main():
    engine, session, events, event = c.c_void_p(), c.c_void_p(), c.c_void_p(), Event(c.sizeof(Event))
    call(lib.scena_engine_create, b'{"provider": "script:"}', c.byref(engine))
    call(lib.scena_session_create, engine, b"job-interview", None, c.byref(session))
    call(lib.scena_session_events, session, None, c.byref(events))
    message = b"I rebuilt the scheduler."
    call(lib.scena_session_send, session, None, message, c.c_size_t(len(message)), None)

    loop, ready, done = asyncio.get_running_loop(), asyncio.Event(), False
    descriptor = lib.scena_engine_wait_fd(engine)
    loop.add_reader(descriptor, ready.set)
    while not done:
        left = lib.scena_engine_next_deadline(engine)  # nanoseconds; -1: none
        timer = loop.call_later(left / 1e9, ready.set) if left >= 0 else None
        await ready.wait()
        ready.clear()
        if timer:
            timer.cancel()
        call(lib.scena_engine_poll, engine, c.c_int64(2000))
        while not done and lib.scena_events_next(events, c.c_int64(0), c.byref(event), None) == 0:
            if event.type == b"delta":
                print(c.string_at(event.text, event.text_len).decode(), end="", flush=True)
            done = event.type == b"turn.finished"
    loop.remove_reader(descriptor)
    print()
    lib.scena_events_destroy(events)
    lib.scena_session_destroy(session)
    lib.scena_engine_destroy(engine)


asyncio.run(main())
