/* One reply, streamed on this program's own epoll loop: no thread, no network. */
#define SCENA_ENABLE_UNSTABLE
#include <scena/scena.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

static scena_error* error;

static void check(scena_status status) {
  if (status == SCENA_OK) return;
  fprintf(stderr, "scena: %s\n", scena_error_message(error));
  exit(1);
}

int main(void) {
  scena_engine* engine;
  scena_session* session;
  scena_events* events;
  scena_event event = {.struct_size = sizeof event};
  const char* message = "I rebuilt the scheduler.";
  check(scena_engine_create("{\"provider\": \"script:\"}", &engine, &error));
  check(scena_session_create(engine, "job-interview", NULL, &session, &error));
  check(scena_session_events(session, NULL, &events, &error));
  check(scena_session_send(session, NULL, message, SCENA_NUL_TERMINATED, NULL, &error));

  int loop = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event watch = {.events = EPOLLIN}, ready;
  epoll_ctl(loop, EPOLL_CTL_ADD, scena_engine_wait_fd(engine), &watch);
  for (bool done = false; !done;) {
    int64_t left = scena_engine_next_deadline(engine); /* nanoseconds; -1: none */
    epoll_wait(loop, &ready, 1, left < 0 ? -1 : (int)((left + 999999) / 1000000));
    check(scena_engine_poll(engine, 2000, &error));
    while (!done && scena_events_next(events, 0, &event, NULL) == SCENA_OK) {
      if (strcmp(event.type, "delta") == 0) fwrite(event.text, 1, event.text_len, stdout);
      done = strcmp(event.type, "turn.finished") == 0;
      fflush(stdout);
    }
  }
  puts("");
  scena_events_destroy(events);
  scena_session_destroy(session);
  scena_engine_destroy(engine);
}
