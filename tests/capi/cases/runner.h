/* One case under way over the C functions. */
#ifndef SCENA_TESTS_CAPI_CASES_RUNNER_H
#define SCENA_TESTS_CAPI_CASES_RUNNER_H

#include "folder.h"
#include "parts.h"
#include "text.h"

#define MOST_SESSIONS 16
#define MOST_PAIRS 16

typedef struct runner {
  /* Before the first command. */
  text config, preset, replies, schedule;
  char *owner, *variables[MOST_PAIRS + 1], *played_by[MOST_PAIRS + 1];
  text folder;
  bool all_metrics, live, own;
  scena_extensions* extensions;

  text whole_config; /* what the engine was opened with */
  scena_engine* engine;
  scena_session* sessions[MOST_SESSIONS];
  size_t session_count;
  scena_events* viewer;
  bool closed;

  text seen, told, answer, error, exported;
  size_t next;          /* where in `seen` the first event stands that no `expect` has looked at */
  size_t eaten;         /* how much of its text was expected already */
  bool in_text;         /* the last thing expected was text */
  scena_error* failure; /* of the last command, until a `fails` takes it */
  text wrong;           /* why the case does not hold; empty: it does */
} runner;

/* Runs a command; a failure of it stands in `failure`. */
void act(runner* self, char* rest);
/* The commands of the engine; false: it is none of them. */
bool act_on_engine(runner* self, const char* verb, char* rest);
bool act_on_services(runner* self, const char* verb, char* rest);
/* Waits for an answer; its member `name`, if any, is the case's answer. */
void await_answer(runner* self, scena_pending* pending, const char* name);
/* Sets a text to a member of a JSON object, wherever it stands. */
void keep_member(text* to, const char* json, const char* name);
/* Commands are given to that session from now on; NULL: to the same as before. */
void push(runner* self, scena_session* session);
/* "last", "human" (the last message of a human), or an id. To be freed. */
char* message_id(runner* self, const char* name);
/* Looks at what must hold; what does not is in `wrong`. */
void check(runner* self, const char* word, char* rest);
void equal(runner* self, const char* seen, const char* wanted);
/* Takes all that the viewer of the first session has. */
void read_events(runner* self);
/* The first session's viewer leaves and comes back behind that cursor. */
bool view_after(runner* self, const char* cursor);
/* Creates a session of the case's scene; `id` may be NULL. */
void create_session(runner* self, const char* id);
/* Takes what a queue has, until nothing more comes. */
void drain(runner* self, scena_events* events,
           void (*each)(runner* self, const scena_event* event));
bool run_case(runner* self, const char* path);
void print_record(runner* self);
void end_case(runner* self);

/* The session that commands are given to. */
static inline scena_session* now(const runner* self) {
  return self->sessions[self->session_count - 1];
}

#endif
