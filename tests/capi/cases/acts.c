/* The commands of a case. */
#include <stdlib.h>
#include <string.h>

#include "runner.h"

static void keep_text(text* to, scena_text* from) {
  text_set(to, scena_text_data(from));
  scena_text_destroy(from);
}

static void keep_member(text* to, const char* json, const char* name) {
  char* found = member(json, name);
  text_set(to, found);
  free(found);
}

static void keep_number(text* to, const char* json, const char* name) {
  text member = {NULL, 0};
  const char* found;
  text_add(&member, "\"%s\":", name);
  found = strstr(json, member.data);
  to->size = 0;
  text_add(to, "%ld", found ? atol(found + member.size) : -1L);
  free(member.data);
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

/* Waits for an answer; its member `name`, if any, is the case's answer. */
static void await_answer(runner* self, scena_pending* pending, const char* name) {
  scena_text* answer = NULL;
  if (pending == NULL) return;
  if (scena_pending_wait(pending, SCENA_NO_TIMEOUT, &answer, &self->failure) == SCENA_OK && name)
    keep_member(&self->answer, scena_text_data(answer), name);
  if (name && strcmp(name, "text") == 0) {
    const char* error = strstr(scena_text_data(answer), "\"error\":{\"code\":");
    keep_member(&self->error, error ? error : "", "code");
  }
  scena_text_destroy(answer);
  scena_pending_destroy(pending);
}

static void push(runner* self, scena_session* session) {
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

/* "last", "human" (the last message of a human), or an id. To be freed. */
static char* message_id(runner* self, const char* name) {
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

static void see_begin(runner* self, const char* said) {
  scena_event event;
  scena_turn* turn = send(self, NULL, said);
  if (turn == NULL) return;
  (void)scena_turn_wait_accepted(turn, SCENA_NO_TIMEOUT, &self->failure);
  scena_turn_destroy(turn);
  (void)memset(&event, 0, sizeof event);
  do {
    event.struct_size = (uint32_t)sizeof event;
    if (scena_events_next(self->viewer, SCENA_NO_TIMEOUT, &event, NULL) != SCENA_OK) return;
    text_add(&self->seen, "%s\n", event.json);
  } while (strcmp(event.type, "delta") != 0);
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
  } else if (strcmp(verb, "flood") == 0) {
    flood(self, rest);
  } else {
    return false;
  }
  await_answer(self, pending, wanted);
  return true;
}

static void act_as(runner* self, char* rest) {
  scena_engine* theirs = NULL;
  scena_session* session = NULL;
  text who = {NULL, 0};
  text_add(&who, "{\"subject\":\"%s\",\"roles\":[", take_word(&rest));
  while (*rest != '\0') {
    text_add(&who, "%s\"%s\"", who.data[who.size - 1] == '[' ? "" : ",", take_word(&rest));
  }
  text_add(&who, "]}");
  if (scena_engine_as(self->engine, who.data, &theirs, &self->failure) == SCENA_OK)
    (void)scena_session_open(theirs, scena_session_id(now(self)), &session, &self->failure);
  scena_engine_destroy(theirs);
  push(self, session);
  free(who.data);
}

static void ask(runner* self, char* rest, bool embed) {
  scena_pending* pending = NULL;
  text request = {NULL, 0};
  const char* provider = take_word(&rest);
  text_add(&request, embed ? "{\"texts\":[" : "{\"messages\":[{\"role\":\"user\",\"text\":");
  add_quoted(&request, rest);
  text_add(&request, embed ? "]}" : "}]}");
  if (embed) {
    (void)scena_engine_embed(self->engine, provider, request.data, &pending, &self->failure);
  } else {
    (void)scena_engine_complete(self->engine, provider, request.data, NULL, &pending,
                                &self->failure);
  }
  await_answer(self, pending, embed ? NULL : "text");
  free(request.data);
}

static bool act_on_engine(runner* self, const char* verb, char* rest) {
  scena_engine* engine = self->engine;
  scena_error** failure = &self->failure;
  scena_session* made = NULL;
  scena_text* answer = NULL;
  if (strcmp(verb, "wait") == 0) {
    (void)scena_engine_advance(engine, 1000 * (int64_t)atol(rest), failure);
  } else if (strcmp(verb, "as") == 0) {
    act_as(self, rest);
  } else if (strcmp(verb, "open") == 0) {
    (void)scena_session_open(engine, rest, &made, failure);
  } else if (strcmp(verb, "create") == 0) {
    create_session(self, rest);
  } else if (strcmp(verb, "import") == 0) {
    (void)scena_engine_import(engine, *rest ? rest : text_get(&self->exported), &made, failure);
  } else if (strcmp(verb, "export") == 0) {
    (void)scena_engine_export(engine, scena_session_id(now(self)), "json", &answer, failure);
    keep_text(&self->exported, answer);
  } else if (strcmp(verb, "rebuild") == 0) {
    uint32_t same = 0;
    (void)scena_engine_rebuild(engine, scena_session_id(now(self)), &same, failure);
    text_set(&self->answer, same ? "same" : "changed");
  } else if (strcmp(verb, "backup") == 0) {
    (void)scena_engine_backup(engine, rest, failure);
  } else if (strcmp(verb, "close") == 0) {
    read_events(self);
    self->closed = true;
    (void)scena_engine_close(engine);
  } else if (strcmp(verb, "explain") == 0) {
    char* id = message_id(self, rest);
    if (scena_session_explain(now(self), id, &answer, failure) == SCENA_OK)
      keep_member(&self->answer, scena_text_data(answer), "provider");
    scena_text_destroy(answer);
    free(id);
  } else {
    return false;
  }
  push(self, made);
  return true;
}

static bool act_on_services(runner* self, const char* verb, char* rest) {
  scena_engine* engine = self->engine;
  scena_error** failure = &self->failure;
  scena_text* answer = NULL;
  if (strcmp(verb, "put") == 0) {
    (void)scena_engine_put_preset(engine, rest, failure);
  } else if (strcmp(verb, "take") == 0) {
    (void)scena_engine_remove_preset(engine, rest, failure);
  } else if (strcmp(verb, "read") == 0) {
    (void)scena_engine_preset(engine, rest, &answer, failure);
    keep_text(&self->answer, answer);
  } else if (strcmp(verb, "seed") == 0) {
    uint64_t added = 0;
    (void)scena_engine_seed_presets(engine, &added, failure);
    self->answer.size = 0;
    text_add(&self->answer, "%lu", (unsigned long)added);
  } else if (strcmp(verb, "policy") == 0) {
    (void)scena_engine_update_policy(engine, rest, failure);
  } else if (strcmp(verb, "models") == 0) {
    (void)scena_engine_set_models(engine, rest, failure);
  } else if (strcmp(verb, "prices") == 0) {
    (void)scena_engine_set_prices(engine, rest, failure);
  } else if (strcmp(verb, "costs") == 0) {
    (void)scena_engine_costs(engine, NULL, &answer, failure);
    keep_member(&self->answer, scena_text_data(answer), "cost");
    scena_text_destroy(answer);
  } else if (strcmp(verb, "analytics") == 0) {
    (void)scena_engine_analytics(engine, "{\"by\":[\"preset\"]}", &answer, failure);
    keep_number(&self->answer, scena_text_data(answer), "completed");
    scena_text_destroy(answer);
  } else if (strcmp(verb, "flow") == 0) {
    const char *at, *last = "";
    (void)scena_engine_flow(engine, NULL, &answer, failure);
    for (at = scena_text_data(answer); (at = strstr(at, "\"to\":")) != NULL; ++at) last = at;
    keep_member(&self->answer, last, "to");
    scena_text_destroy(answer);
  } else if (strcmp(verb, "ask") == 0 || strcmp(verb, "embed") == 0) {
    ask(self, rest, strcmp(verb, "embed") == 0);
  } else {
    return false;
  }
  return true;
}

void act(runner* self, char* rest) {
  const char* verb = take_word(&rest);
  if (!act_on_turn(self, verb, rest) && !act_on_session(self, verb, rest) &&
      !act_on_engine(self, verb, rest) && !act_on_services(self, verb, rest))
    text_add(&self->wrong, "no such command");
}
