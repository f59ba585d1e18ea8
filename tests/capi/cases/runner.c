/* What stands around the commands of a case, and what it showed. */
#include "runner.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codes.h"

/* --- before the first command ----------------------------------------------------------------- */

static void add_pair(char** pairs, char* rest) {
  size_t at = 0;
  while (at < MOST_PAIRS && pairs[at] != NULL) ++at;
  if (at + 1 >= MOST_PAIRS) return;
  pairs[at] = copy_text(take_word(&rest));
  pairs[at + 1] = copy_text(rest);
}

/* The pieces of a reply as one JSON string: what stands between their quotes, joined. */
static void add_reply(text* replies, const char* rest) {
  text_add(replies, "%s\"", replies->size ? "," : "");
  while (*rest == '"') {
    const char* end = ++rest;
    while (*end != '"') end += *end == '\\' ? 2 : 1;
    text_add(replies, "%.*s", (int)(end - rest), rest);
    rest = end + 1 + strspn(end + 1, " |");
  }
  text_add(replies, "\"");
}

static void prepare(runner* self, const char* word, char* rest) {
  if (strcmp(word, "script") == 0) {
    add_reply(&self->replies, rest);
  } else if (strcmp(word, "rule") == 0) {
    text_add(&self->replies, "%s%s", self->replies.size ? "," : "", rest);
  } else if (strcmp(word, "tool") == 0) {
    add_case_tool(self->extensions, rest);
  } else if (strcmp(word, "filter") == 0) {
    add_case_filter(self->extensions, rest);
  } else if (strcmp(word, "analyzer") == 0) {
    add_case_analyzer(self->extensions, rest);
  } else if (strcmp(word, "fault") == 0) {
    text_set(&self->schedule, rest);
  } else if (strcmp(word, "config") == 0) {
    self->config.size = 0;
    add_with_folder(&self->config, &self->folder, rest);
  } else if (strcmp(word, "file") == 0) {
    const char* name = take_word(&rest);
    folder_write(&self->folder, name, rest);
  } else if (strcmp(word, "full") == 0) {
    folder_fill();
  } else if (strcmp(word, "own") == 0) {
    add_failing_provider(self->extensions, rest);
    self->own = true;
  } else if (strcmp(word, "preset") == 0) {
    text_set(&self->preset, rest);
  } else if (strcmp(word, "owner") == 0) {
    self->owner = copy_text(rest);
  } else if (strcmp(word, "given") == 0) {
    add_pair(self->variables, rest);
  } else if (strcmp(word, "played") == 0) {
    add_pair(self->played_by, rest);
  } else if (strcmp(word, "metrics") == 0) {
    self->all_metrics = true;
  } else if (strcmp(word, "live") == 0) {
    self->live = true;
  } else {
    text_add(&self->wrong, "no such word");
  }
}

static void open_engine(runner* self) {
  text* config = &self->whole_config;
  text_set(config, self->config.size ? self->config.data : "{}");
  config->data[--config->size] = '\0'; /* the closing brace */
  text_add(config, "%s\"clock\":\"virtual\",\"seed\":7,\"provider\":\"%s\",\"live_metrics\":%s",
           config->size > 1 ? "," : "", self->own ? "own" : "model", self->live ? "true" : "false");
  if (!self->all_metrics) text_add(config, ",\"metrics\":[\"sentiment\"]");
  text_add(config, ",\"providers\":{\"model\":{\"url\":\"%s%s\",\"options\":{",
           self->schedule.size ? "fault:" : "script:", text_get(&self->schedule));
  text_add(config, "\"delay_ms\":100,\"token_ms\":20");
  if (self->replies.size) text_add(config, ",\"replies\":[%s]", self->replies.data);
  text_add(config, "}}}}");
  if (scena_engine_create_extended(config->data, self->extensions, &self->engine, &self->failure) ==
      SCENA_OK)
    create_session(self, NULL);
  if (self->session_count > 0)
    (void)scena_session_events(self->sessions[0], NULL, &self->viewer, &self->failure);
}

/* --- events ----------------------------------------------------------------------------------- */

void drain(runner* self, scena_events* events,
           void (*each)(runner* self, const scena_event* event)) {
  scena_event event;
  int quiet = 0; /* polls that brought nothing */
  if (!self->closed) (void)scena_engine_run_until_idle(self->engine, NULL);
  while (quiet < 4) {
    ++quiet;
    for (;;) {
      (void)memset(&event, 0, sizeof event);
      event.struct_size = (uint32_t)sizeof event;
      if (scena_events_next(events, 0, &event, NULL) != SCENA_OK) break;
      each(self, &event);
      quiet = 0;
    }
    (void)scena_engine_poll(self->engine, 0, NULL);
  }
}

static char behind[64]; /* the cursor that a queue ended with */

static void see(runner* self, const scena_event* event) {
  if (strcmp(event->type, "lagged") == 0) {
    (void)snprintf(behind, sizeof behind, "%s", event->cursor);
  } else {
    text_add(&self->seen, "%s\n", event->json);
  }
}

bool view_after(runner* self, const char* cursor) {
  scena_events_options options;
  (void)memset(&options, 0, sizeof options);
  options.struct_size = (uint32_t)sizeof options;
  options.after = cursor;
  scena_events_destroy(self->viewer);
  self->viewer = NULL;
  return scena_session_events(self->sessions[0], &options, &self->viewer, NULL) == SCENA_OK;
}

void read_events(runner* self) {
  for (;;) {
    behind[0] = '\0';
    drain(self, self->viewer, see);
    if (behind[0] == '\0' || !view_after(self, behind)) return;
  }
}

static void print_event(runner* self, const scena_event* event) {
  (void)self;
  (void)printf("%s\n", event->json);
}

void print_record(runner* self) {
  size_t i;
  if (self->engine != NULL && !self->closed) read_events(self);
  (void)printf("%s%s", text_get(&self->seen), text_get(&self->told));
  for (i = 1; i < self->session_count; ++i) {
    scena_events* view = NULL;
    if (scena_session_events(self->sessions[i], NULL, &view, NULL) != SCENA_OK) continue;
    (void)printf("- session %lu\n", (unsigned long)(i + 1));
    drain(self, view, print_event);
    scena_events_destroy(view);
  }
}

/* --- line by line ------------------------------------------------------------------------------
 */

static void expect_failure(runner* self, const char* code) {
  if (self->failure == NULL) {
    text_add(&self->wrong, "nothing failed");
    return;
  }
  equal(self, code_name(scena_error_code(self->failure)), code);
  text_add(&self->told, "! %s ", code);
  add_without_folder(&self->told, &self->folder, scena_error_message(self->failure));
  text_add(&self->told, "\n");
  scena_error_destroy(self->failure);
  self->failure = NULL;
}

static void run_line(runner* self, const char* word, char* rest) {
  if (strcmp(word, "fails") == 0) {
    expect_failure(self, rest);
  } else if (self->failure != NULL) {
    text_add(&self->wrong, "the command before failed: %s", scena_error_message(self->failure));
  } else if (strcmp(word, "do") == 0) {
    if (self->engine == NULL) open_engine(self);
    if (self->engine != NULL && self->failure == NULL) act(self, rest);
  } else if (self->engine == NULL) {
    prepare(self, word, rest);
  } else {
    check(self, word, rest);
  }
}

bool run_case(runner* self, const char* path) {
  static char line[65536];
  FILE* file = fopen(path, "r");
  int number = 0;
  (void)scena_extensions_create(&self->extensions, NULL);
  if (file == NULL) text_add(&self->wrong, "it cannot be read");
  while (self->wrong.size == 0 && file != NULL && fgets(line, sizeof line, file) != NULL) {
    char *word, *rest = line;
    size_t size = strlen(line);
    ++number;
    while (size > 0 && isspace((unsigned char)line[size - 1])) line[--size] = '\0';
    word = take_word(&rest);
    if (*word == '\0' || *word == '#') continue;
    run_line(self, word, rest);
  }
  if (file != NULL) (void)fclose(file);
  if (self->wrong.size == 0 && self->failure != NULL)
    text_add(&self->wrong, "the last command failed: %s", scena_error_message(self->failure));
  if (self->wrong.size != 0) (void)fprintf(stderr, "%s:%d: %s\n", path, number, self->wrong.data);
  return self->wrong.size == 0;
}

static void free_pairs(char** pairs) {
  for (; *pairs != NULL; ++pairs) free(*pairs);
}

void end_case(runner* self) {
  scena_error_destroy(self->failure);
  scena_events_destroy(self->viewer);
  while (self->session_count > 0) scena_session_destroy(self->sessions[--self->session_count]);
  scena_engine_destroy(self->engine);
  scena_extensions_destroy(self->extensions);
  free_pairs(self->variables);
  free_pairs(self->played_by);
  free(self->owner);
  folder_remove(&self->folder);
  free(self->config.data);
  free(self->whole_config.data);
  free(self->preset.data);
  free(self->replies.data);
  free(self->schedule.data);
  free(self->seen.data);
  free(self->told.data);
  free(self->answer.data);
  free(self->error.data);
  free(self->exported.data);
  free(self->wrong.data);
}
