/* The commands of a case that are given to a session. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner.h"

void keep_member(text* to, const char* json, const char* name) {
  char* found = member(json, name);
  text_set(to, found);
  free(found);
}

/* What an answer in JSON must follow. */
static const char ok_schema[] =
    "{\"type\":\"object\",\"properties\":{\"ok\":{\"type\":\"boolean\"}},\"required\":[\"ok\"]}";

/* Waits for a turn that was queued, and keeps how it ended. */
static void await_turn(runner* self, scena_turn* turn) {
  scena_text* result = NULL;
  const char* error;
  if (turn == NULL) return;
  if (scena_turn_wait(turn, SCENA_NO_TIMEOUT, &self->failure) == SCENA_OK &&
      scena_turn_result(turn, &result, &self->failure) == SCENA_OK) {
    keep_member(&self->answer, scena_text_data(result), "text");
    error = strstr(scena_text_data(result), "\"error\":{\"code\":");
    keep_member(&self->error, error ? error : "", "code");
  }
  scena_text_destroy(result);
  scena_turn_destroy(turn);
}

/* Waits for an answer and takes it; NULL: there is none. */
static scena_text* take_answer(runner* self, scena_pending* pending) {
  scena_text* answer = NULL;
  if (pending != NULL) (void)scena_pending_wait(pending, SCENA_NO_TIMEOUT, &answer, &self->failure);
  scena_pending_destroy(pending);
  return answer;
}

void await_answer(runner* self, scena_pending* pending, const char* name) {
  scena_text* answer = take_answer(self, pending);
  if (answer != NULL && name != NULL) keep_member(&self->answer, scena_text_data(answer), name);
  if (pending != NULL && name != NULL &&
      (strcmp(name, "text") == 0 || strcmp(name, "reason") == 0)) {
    const char* error = strstr(scena_text_data(answer), "\"error\":{\"code\":");
    keep_member(&self->error, error ? error : "", "code");
  }
  scena_text_destroy(answer);
}

void push(runner* self, scena_session* session) {
  if (session != NULL && self->session_count < MOST_SESSIONS)
    self->sessions[self->session_count++] = session;
}

void create_session(runner* self, const char* id) {
  static const char scene[] =
      "{\"id\":\"conformance\",\"title\":\"Conformance\",\"description\":\"Two people in a room.\","
      "\"category\":\"test\",\"scene\":\"A quiet room.\",\"characters\":[{\"id\":\"host\",\"name\":"
      "\"Host\",\"role\":\"owner of the room\",\"persona\":\"Friendly and brief.\"},{\"id\":"
      "\"guest\",\"name\":\"Guest\",\"role\":\"visitor\",\"played_by\":\"human\"}]}";
  scena_session_options options;
  scena_session* made = NULL;
  (void)memset(&options, 0, sizeof options);
  options.struct_size = (uint32_t)sizeof options;
  options.id = id;
  options.owner = self->owner;
  options.variables = (const char* const*)self->variables;
  options.played_by = (const char* const*)self->played_by;
  (void)scena_session_create(self->engine, self->preset.size ? self->preset.data : scene, &options,
                             &made, &self->failure);
  push(self, made);
}

char* message_id(runner* self, const char* name) {
  scena_text* messages = NULL;
  const char *at, *found = NULL;
  text id = {NULL, 0};
  const bool human = strcmp(name, "human") == 0;
  text_set(&id, name);
  if (!human && strcmp(name, "last") != 0) return id.data;
  (void)scena_session_messages(now(self), 0, &messages, NULL);
  for (at = strstr(scena_text_data(messages), "{\"id\":\"m"); at != NULL;
       at = strstr(at + 1, "{\"id\":\"m")) {
    const char* next = strstr(at + 1, "{\"id\":\"m");
    const char* mark = strstr(at, "\"from_human\":true");
    if (!human || (mark != NULL && (next == NULL || mark < next))) found = at;
  }
  if (found != NULL) keep_member(&id, found, "id");
  scena_text_destroy(messages);
  return id.data;
}

static scena_send_options send_options(void) {
  scena_send_options options;
  (void)memset(&options, 0, sizeof options);
  options.struct_size = (uint32_t)sizeof options;
  return options;
}

static scena_turn* send(runner* self, const scena_send_options* options, const char* said) {
  scena_turn* turn = NULL;
  (void)scena_session_send(now(self), options, said, SCENA_NUL_TERMINATED, &turn, &self->failure);
  return turn;
}

/* Reads on to an event of that type, whose cursor is kept where there is room for it. */
static void see_until(runner* self, const char* type, char* cursor, size_t size) {
  scena_event event;
  (void)memset(&event, 0, sizeof event);
  do {
    event.struct_size = (uint32_t)sizeof event;
    if (scena_events_next(self->viewer, SCENA_NO_TIMEOUT, &event, NULL) != SCENA_OK) {
      text_add(&self->wrong, "no %s came", type);
      return;
    }
    text_add(&self->seen, "%s\n", event.json);
  } while (strcmp(event.type, type) != 0);
  (void)snprintf(cursor, size, "%s", event.cursor);
}

static void see_begin(runner* self, const char* said) {
  scena_turn* turn = send(self, NULL, said);
  if (turn == NULL) return;
  (void)scena_turn_wait_accepted(turn, SCENA_NO_TIMEOUT, &self->failure);
  scena_turn_destroy(turn);
  see_until(self, "delta", NULL, 0);
}

static void come_back(runner* self, const char* type) {
  char place[64] = "";
  see_until(self, type, place, sizeof place);
  text_add(&self->told, "? place %s\n", place);
  (void)view_after(self, place);
}

static void flood(runner* self, char* rest) {
  int left = atoi(take_word(&rest));
  scena_error* refused = NULL;
  for (; left > 0; --left) {
    scena_turn_destroy(send(self, NULL, rest));
    if (self->failure == NULL) continue;
    if (refused == NULL) {
      refused = self->failure;
    } else {
      scena_error_destroy(self->failure);
    }
    self->failure = NULL;
  }
  (void)scena_engine_run_until_idle(self->engine, NULL);
  self->failure = refused;
}

static bool act_on_turn(runner* self, const char* verb, char* rest) {
  scena_send_options options = send_options();
  scena_turn* turn = NULL;
  scena_error** failure = &self->failure;
  const char* audience[2] = {NULL, NULL};
  if (strcmp(verb, "send") == 0) {
    char* said = *rest == '"' ? unquoted(rest) : NULL;
    /* A NUL inside the text is a byte of it. */
    const bool has_nul = said != NULL && strstr(rest, "\\u0000") != NULL;
    const size_t size = has_nul ? strlen(said) + 1 : SCENA_NUL_TERMINATED;
    (void)scena_session_send(now(self), NULL, said ? said : rest, size, &turn, failure);
    free(said);
  } else if (strcmp(verb, "store") == 0) {
    options.flags = SCENA_SEND_NO_REPLY;
    turn = send(self, &options, rest);
  } else if (strcmp(verb, "json") == 0) {
    options.flags = SCENA_SEND_REPAIR;
    options.json_schema = ok_schema;
    turn = send(self, &options, rest);
  } else if (strcmp(verb, "whisper") == 0) {
    options.participant = take_word(&rest);
    audience[0] = take_word(&rest);
    options.audience = audience;
    turn = send(self, &options, rest);
  } else if (strcmp(verb, "recall") == 0) {
    turn = send(self, NULL, rest);
    scena_turn_cancel(turn);
  } else if (strcmp(verb, "repeat") == 0) {
    options.command_id = take_word(&rest);
    turn = send(self, &options, rest);
  } else if (strcmp(verb, "to") == 0) {
    options.character = take_word(&rest);
    turn = send(self, &options, rest);
  } else if (strcmp(verb, "hurry") == 0) {
    options.deadline_ms = atol(take_word(&rest));
    turn = send(self, &options, rest);
  } else if (strcmp(verb, "prompt") == 0) {
    options.character = rest;
    (void)scena_session_prompt(now(self), &options, &turn, failure);
  } else if (strcmp(verb, "regenerate") == 0) {
    (void)scena_session_regenerate(now(self), NULL, &turn, failure);
  } else if (strcmp(verb, "continue") == 0) {
    (void)scena_session_continue_reply(now(self), NULL, &turn, failure);
  } else if (strcmp(verb, "edit") == 0) {
    char* id = message_id(self, take_word(&rest));
    (void)scena_session_edit(now(self), NULL, id, rest, SCENA_NUL_TERMINATED, &turn, failure);
    free(id);
  } else {
    return false;
  }
  await_turn(self, turn);
  return true;
}

static void aside(runner* self, char* rest, const char* schema) {
  scena_pending* pending = NULL;
  const char* character = take_word(&rest);
  (void)scena_session_ask_aside(now(self), character, rest, SCENA_NUL_TERMINATED, schema, NULL,
                                &pending, &self->failure);
  await_answer(self, pending, "text");
}

static void update(runner* self, const char* label, const char* value) {
  scena_pending* pending = NULL;
  text changes = {NULL, 0};
  text_add(&changes, label ? "{\"labels\":{" : "{");
  add_quoted(&changes, label ? label : "title");
  text_add(&changes, ":");
  if (label && strcmp(value, "-") == 0) {
    text_add(&changes, "null");
  } else {
    add_quoted(&changes, value);
  }
  text_add(&changes, label ? "}}" : "}");
  (void)scena_session_update(now(self), changes.data, NULL, &pending, &self->failure);
  await_answer(self, pending, NULL);
  free(changes.data);
}

static void join(runner* self, char* rest) {
  scena_pending* pending = NULL;
  text person = {NULL, 0};
  text_add(&person, "{\"id\":");
  add_quoted(&person, take_word(&rest));
  text_add(&person, ",\"name\":");
  add_quoted(&person, rest);
  text_add(&person, "}");
  (void)scena_session_join(now(self), person.data, NULL, &pending, &self->failure);
  await_answer(self, pending, NULL);
  free(person.data);
}

static void fork_session(runner* self, const char* name) {
  scena_pending* pending = NULL;
  scena_session* made = NULL;
  char* id = message_id(self, name);
  (void)scena_session_fork(now(self), id, NULL, &pending, &self->failure);
  await_answer(self, pending, "id");
  if (self->failure == NULL)
    (void)scena_session_open(self->engine, text_get(&self->answer), &made, &self->failure);
  push(self, made);
  free(id);
}

/* A word that may be left out: "-", or nothing. */
static const char* word_or_none(char** rest) {
  const char* word = take_word(rest);
  return *word == '\0' || strcmp(word, "-") == 0 ? NULL : word;
}

static void next_question(runner* self, char* rest) {
  scena_pending* pending = NULL;
  scena_text* answer;
  (void)scena_session_next_question(now(self), word_or_none(&rest), NULL, NULL, &pending,
                                    &self->failure);
  answer = take_answer(self, pending);
  if (answer != NULL) {
    const char* json = scena_text_data(answer);
    char *covers = own_text(json, "covers"), *reason = own_text(json, "reason"),
         *cost = own_text(json, "cost");
    keep_member(&self->answer, json, "text");
    text_add(&self->told, "? covers=%s reason=%s cost=%s\n", covers, reason, cost);
    free(covers);
    free(reason);
    free(cost);
  }
  scena_text_destroy(answer);
}

static void flag_escape(runner* self, char* rest) {
  scena_pending* pending = NULL;
  scena_text* answer;
  const char* who = word_or_none(&rest);
  const char* what = word_or_none(&rest);
  (void)scena_session_flag_escape(now(self), who, what, word_or_none(&rest), NULL, &pending,
                                  &self->failure);
  answer = take_answer(self, pending);
  if (answer != NULL) {
    char* counts = value_text(scena_text_data(answer), "escapes");
    text_set(&self->answer, counts);
    free(counts);
  }
  scena_text_destroy(answer);
}

typedef scena_status (*step)(scena_session*, const char*, scena_pending**, scena_error**);

static step step_of(const char* verb) {
  static const struct {
    const char* verb;
    step step;
  } steps[] = {{"analyze", scena_session_analyze},   {"start", scena_session_start},
               {"pause", scena_session_pause},       {"resume", scena_session_resume},
               {"complete", scena_session_complete}, {"fail", scena_session_fail},
               {"undo", scena_session_undo},         {"remove", scena_session_remove}};
  size_t i;
  for (i = 0; i < sizeof steps / sizeof *steps; ++i)
    if (strcmp(verb, steps[i].verb) == 0) return steps[i].step;
  return NULL;
}

static bool act_on_session(runner* self, const char* verb, char* rest) {
  scena_pending* pending = NULL;
  scena_error** failure = &self->failure;
  scena_session* session = now(self);
  const char* wanted = NULL; /* the member of the answer that is kept */
  const step command = step_of(verb);
  if (command != NULL) {
    (void)command(session, NULL, &pending, failure);
  } else if (strcmp(verb, "same") == 0) {
    (void)scena_session_start(session, rest, &pending, failure);
  } else if (strcmp(verb, "cancel") == 0) {
    scena_session_cancel(session);
  } else if (strcmp(verb, "aside") == 0 || strcmp(verb, "aside_json") == 0) {
    aside(self, rest, strcmp(verb, "aside") == 0 ? NULL : ok_schema);
  } else if (strcmp(verb, "next_question") == 0) {
    next_question(self, rest);
  } else if (strcmp(verb, "flag_escape") == 0) {
    flag_escape(self, rest);
  } else if (strcmp(verb, "title") == 0) {
    update(self, NULL, rest);
  } else if (strcmp(verb, "label") == 0) {
    const char* name = take_word(&rest);
    update(self, name, rest);
  } else if (strcmp(verb, "join") == 0) {
    join(self, rest);
  } else if (strcmp(verb, "analysis") == 0) {
    scena_text* analysis = NULL;
    if (scena_session_analysis(session, &analysis, failure) == SCENA_OK)
      text_add(&self->told, "? %s\n", scena_text_data(analysis));
    scena_text_destroy(analysis);
  } else if (strcmp(verb, "leave") == 0) {
    (void)scena_session_leave(session, rest, NULL, &pending, failure);
  } else if (strcmp(verb, "set") == 0) {
    const char* name = take_word(&rest);
    (void)scena_session_set_variable(session, name, rest, NULL, &pending, failure);
  } else if (strcmp(verb, "annotate") == 0) {
    const char* name = take_word(&rest);
    (void)scena_session_annotate(session, name, rest, NULL, &pending, failure);
  } else if (strcmp(verb, "choose") == 0) {
    char* id = message_id(self, rest);
    (void)scena_session_choose(session, id, NULL, &pending, failure);
    free(id);
  } else if (strcmp(verb, "run") == 0) {
    (void)scena_session_run(session, (uint32_t)atoi(rest), NULL, &pending, failure);
    wanted = "reason";
  } else if (strcmp(verb, "fork") == 0) {
    fork_session(self, rest);
  } else if (strcmp(verb, "back") == 0) {
    scena_session_destroy(self->sessions[--self->session_count]);
  } else if (strcmp(verb, "begin") == 0) {
    see_begin(self, rest);
  } else if (strcmp(verb, "return") == 0) {
    come_back(self, rest);
  } else if (strcmp(verb, "flood") == 0) {
    flood(self, rest);
  } else {
    return false;
  }
  await_answer(self, pending, wanted);
  return true;
}

void act(runner* self, char* rest) {
  const char* verb = take_word(&rest);
  if (!act_on_turn(self, verb, rest) && !act_on_session(self, verb, rest) &&
      !act_on_engine(self, verb, rest) && !act_on_services(self, verb, rest))
    text_add(&self->wrong, "no such command");
}
