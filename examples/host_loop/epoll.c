/* One reply, streamed on this program's own epoll loop: no thread, no network. */
#define SCENA_ENABLE_UNSTABLE
#include <scena/scena.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

static int fail(scena_error* error) {
  fprintf(stderr, "scena: %s\n", scena_error_message(error));
  scena_error_destroy(error);
  return 1;
}

/* Milliseconds for epoll_wait, rounded up; -1: until the descriptor is readable. */
static int wait_ms(const scena_engine* engine) {
  int64_t left = scena_engine_next_deadline(engine);
  return left < 0 ? -1 : (int)((left + 999999) / 1000000);
}

int main(void) {
  scena_engine* engine = NULL;
  scena_session* session = NULL;
  scena_events* events = NULL;
  scena_error* error = NULL;
  scena_event event = {.struct_size = sizeof event};
  bool done = false;

  if (scena_engine_create("{\"provider\": \"script:\"}", &engine, &error)) return fail(error);
  if (scena_session_create(engine, "job-interview", NULL, &session, &error)) return fail(error);
  if (scena_session_events(session, NULL, &events, &error)) return fail(error);
  if (scena_session_send(session, NULL, "I rebuilt the scheduler.", SCENA_NUL_TERMINATED, NULL,
                         &error))
    return fail(error);

  int loop = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event watch = {.events = EPOLLIN}, ready;
  epoll_ctl(loop, EPOLL_CTL_ADD, scena_engine_wait_fd(engine), &watch);
  while (!done) {
    epoll_wait(loop, &ready, 1,
               wait_ms(engine)); /* here the host's own descriptors would be served too */
    if (scena_engine_poll(engine, 2000, &error)) return fail(error);
    while (!done && scena_events_next(events, 0, &event, &error) == SCENA_OK) {
      if (strcmp(event.type, "delta") == 0) fwrite(event.text, 1, event.text_len, stdout);
      done = strcmp(event.type, "turn.finished") == 0;
    }
    fflush(stdout);
  }
  puts("");
  close(loop);
  scena_events_destroy(events);
  scena_session_destroy(session);
  scena_engine_destroy(engine);
  return 0;
}
