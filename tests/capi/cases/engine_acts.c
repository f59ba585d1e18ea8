/* The commands of a case that are given to the engine. */
#include <stdlib.h>
#include <string.h>

#include "runner.h"

static void keep_text(text* to, scena_text* from) {
  text_set(to, scena_text_data(from));
  scena_text_destroy(from);
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

typedef scena_status list_page(scena_engine*, const char*, const char*, uint32_t, scena_text**,
                               scena_error**);

/* A page is a line of the record, and how many there were on all of them the answer. */
static void list(runner* self, const char* name, list_page* take, char* rest,
                 void (*show)(text* line, const char* one)) {
  const uint32_t limit = (uint32_t)atol(take_word(&rest));
  char* after = copy_text("");
  size_t count = 0;
  do {
    scena_text* page = NULL;
    if (take(self->engine, *rest ? rest : NULL, after, limit, &page, &self->failure) != SCENA_OK)
      break;
    text_add(&self->told, "? %s", name);
    for (const char* one = first_element(value_of(scena_text_data(page), name)); one != NULL;
         one = next_element(one), ++count)
      show(&self->told, one);
    text_add(&self->told, "\n");
    free(after);
    after = own_text(scena_text_data(page), "next");
    scena_text_destroy(page);
  } while (*after != '\0');
  free(after);
  self->answer.size = 0;
  text_add(&self->answer, "%lu", (unsigned long)count);
}

static void show_session(text* line, const char* one) {
  const char* names[] = {"id", "state", "turns", "messages"};
  for (size_t i = 0; i < 4; ++i) {
    char* value = i < 2 ? own_text(one, names[i]) : value_text(one, names[i]);
    text_add(line, "%c%s", i == 0 ? ' ' : ':', value);
    free(value);
  }
}

static void show_preset(text* line, const char* one) {
  char *id = own_text(one, "id"), *category = own_text(one, "category");
  char* builtin = value_text(one, "builtin");
  text_add(line, " %s:%s:%s", id, category, strcmp(builtin, "true") == 0 ? "builtin" : "stored");
  free(id);
  free(category);
  free(builtin);
}

static void show_row(text* line, const char* one) {
  char *key = own_text(one, "key"), *turns = value_text(one, "turns");
  text_add(line, "? row %s:%s\n", key, turns);
  free(key);
  free(turns);
}

/* A row is a line of the record, and how many there are the answer. */
static void run_batch(runner* self, char* rest) {
  scena_batch_options options;
  scena_text* result = NULL;
  text plan = {NULL, 0};
  size_t count = 0;
  const char* preset = take_word(&rest);
  text_add(&plan, "{\"presets\":[\"%s\"],\"seeds\":{\"first\":1,\"count\":%s},\"max_turns\":2}",
           preset, rest);
  (void)memset(&options, 0, sizeof options);
  options.struct_size = (uint32_t)sizeof options;
  options.folder = folder_path(&self->folder);
  if (scena_batch_run(plan.data, self->whole_config.data, NULL, &options, &result,
                      &self->failure) == SCENA_OK) {
    for (const char* one = first_element(value_of(scena_text_data(result), "rows")); one != NULL;
         one = next_element(one), ++count)
      show_row(&self->told, one);
    self->answer.size = 0;
    text_add(&self->answer, "%lu", (unsigned long)count);
  }
  scena_text_destroy(result);
  free(plan.data);
}

bool act_on_engine(runner* self, const char* verb, char* rest) {
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
  } else if (strcmp(verb, "check_storage") == 0) {
    (void)scena_engine_check_storage(engine, failure);
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

bool act_on_services(runner* self, const char* verb, char* rest) {
  scena_engine* engine = self->engine;
  scena_error** failure = &self->failure;
  scena_text* answer = NULL;
  if (strcmp(verb, "sessions") == 0) {
    list(self, "sessions", scena_engine_sessions, rest, show_session);
  } else if (strcmp(verb, "presets") == 0) {
    list(self, "presets", scena_engine_presets, rest, show_preset);
  } else if (strcmp(verb, "put") == 0) {
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
  } else if (strcmp(verb, "batch") == 0) {
    run_batch(self, rest);
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
