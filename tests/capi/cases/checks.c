/* What must hold behind the commands of a case. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner.h"

void equal(runner* self, const char* seen, const char* wanted) {
  if (strcmp(seen, wanted) != 0) text_add(&self->wrong, "it is \"%s\"", seen);
}

/* The quoted text of a line, without its quotes. To be freed. */
static char* quoted(runner* self, const char* from) {
  char* found = unquoted(from);
  if (found != NULL) return found;
  text_add(&self->wrong, "a quoted text was expected");
  return copy_text("");
}

/* Cuts the first part off a line: up to a comma that is not in a quoted text. */
static char* take_part(char** rest) {
  char* part = *rest;
  char* end = part;
  bool in_text = false;
  for (; *end != '\0' && (in_text || *end != ','); ++end) {
    if (*end == '"') in_text = !in_text;
    if (in_text && *end == '\\' && end[1] != '\0') ++end;
  }
  *rest = *end == '\0' ? end : end + 1;
  *end = '\0';
  return part;
}

/* --- events ----------------------------------------------------------------------------------- */

/* The event that is looked at next, as its line of JSON; NULL: none is left. To be freed. */
static char* next_event(const runner* self) {
  const char* at = text_get(&self->seen) + self->next;
  text line = {NULL, 0};
  if (*at != '\0') text_add(&line, "%.*s", (int)strcspn(at, "\n"), at);
  return line.data;
}

static void step_over(runner* self) {
  self->next += strcspn(self->seen.data + self->next, "\n") + 1;
  self->eaten = 0;
}

/* The end of a turn is never stepped over, nor is text behind text that was expected. */
static bool may_skip(const runner* self, const char* type, const char* wanted) {
  if (strcmp(type, "turn.finished") == 0) return false;
  return strcmp(type, "delta") != 0 || (strcmp(wanted, "delta") != 0 && !self->in_text);
}

/* The next event of that type, which is looked at next from now on; NULL: the case is wrong. To be
   freed. */
static char* find_event(runner* self, const char* wanted) {
  char* event;
  while ((event = next_event(self)) != NULL) {
    char* type = own_text(event, "type");
    const bool found = strcmp(type, wanted) == 0;
    if (!found && !may_skip(self, type, wanted))
      text_add(&self->wrong, "a %s came before any %s", type, wanted);
    free(type);
    if (found) return event;
    free(event);
    if (self->wrong.size != 0) return NULL;
    step_over(self);
  }
  text_add(&self->wrong, "no %s came", wanted);
  return NULL;
}

/* Deltas may be merged on their way: what counts is that their texts join to what is expected. */
static void expect_delta(runner* self, const char* wanted) {
  while (*wanted != '\0' && self->wrong.size == 0) {
    char* event = find_event(self, "delta");
    char* said = own_text(event ? value_of(event, "data") : NULL, "text");
    size_t size = strlen(said + self->eaten);
    if (size > strlen(wanted)) size = strlen(wanted);
    if (strncmp(said + self->eaten, wanted, size) != 0)
      text_add(&self->wrong, "the deltas go on with \"%s\"", said + self->eaten);
    wanted += size;
    self->eaten += size;
    if (event != NULL && said[self->eaten] == '\0') step_over(self);
    free(said);
    free(event);
  }
  self->in_text = true;
}

static void expect_event(runner* self, const char* type, const char* word) {
  static const char* const members[] = {"outcome", "participant", "reason", "name"};
  char* event = find_event(self, type);
  bool found = *word == '\0';
  size_t i;
  self->in_text = false;
  if (event == NULL) return;
  for (i = 0; i < sizeof members / sizeof *members && !found; ++i) {
    char* seen = own_text(value_of(event, "data"), members[i]);
    found = strcmp(seen, word) == 0;
    free(seen);
  }
  if (!found) text_add(&self->wrong, "it came as %s", event);
  step_over(self);
  free(event);
}

static void expect(runner* self, char* rest) {
  read_events(self);
  do {
    char* part = take_part(&rest);
    const char* type = take_word(&part);
    if (strcmp(type, "delta") == 0) {
      char* wanted = quoted(self, part);
      expect_delta(self, wanted);
      free(wanted);
    } else {
      expect_event(self, type, take_word(&part));
    }
  } while (*rest != '\0' && self->wrong.size == 0);
}

/* --- the session ------------------------------------------------------------------------------ */

/* What the session says of itself under that name. To be freed. */
static char* told_by_session(runner* self, const char* name) {
  scena_text* info = NULL;
  char* found;
  (void)scena_session_info(now(self), &info, NULL);
  found = value_text(scena_text_data(info), name);
  scena_text_destroy(info);
  return found;
}

static void check_session(runner* self, const char* name, const char* wanted) {
  char* found = told_by_session(self, name);
  equal(self, found, wanted);
  free(found);
}

static void check_variable(runner* self, char* rest) {
  const char* name = take_word(&rest);
  char* variables = told_by_session(self, "variables");
  char* found = own_text(variables, name);
  equal(self, found, rest);
  free(found);
  free(variables);
}

static scena_text* messages_of(runner* self, uint32_t flags) {
  scena_text* messages = NULL;
  (void)scena_session_messages(now(self), flags, &messages, NULL);
  return messages;
}

static const char* first_message(scena_text* messages) {
  return first_element(value_of(scena_text_data(messages), "messages"));
}

static const char* last_message(scena_text* messages) {
  const char *at, *last = NULL;
  for (at = first_message(messages); at != NULL; at = next_element(at)) last = at;
  return last;
}

static void check_count(runner* self, scena_text* messages, const char* wanted) {
  const char* at;
  unsigned long count = 0;
  char seen[24];
  for (at = first_message(messages); at != NULL; at = next_element(at)) ++count;
  (void)snprintf(seen, sizeof seen, "%lu", count);
  equal(self, seen, wanted);
  scena_text_destroy(messages);
}

static void check_alternatives(runner* self, const char* wanted) {
  scena_text* messages = messages_of(self, 0);
  scena_text* found = NULL;
  char* id = own_text(last_message(messages), "id");
  (void)scena_session_alternatives(now(self), id, &found, NULL);
  check_count(self, found, wanted);
  scena_text_destroy(messages);
  free(id);
}

static void check_outcome(runner* self, const char* wanted) {
  scena_text* messages = messages_of(self, 0);
  char* outcome = own_text(last_message(messages), "outcome");
  equal(self, *outcome == '\0' ? "complete" : outcome, wanted); /* which a message does not say */
  scena_text_destroy(messages);
  free(outcome);
}

static void check_line(runner* self, char* rest) {
  scena_text* messages = messages_of(self, 0);
  text seen = {NULL, 0}, wanted = {NULL, 0};
  const char* at;
  for (at = first_message(messages); at != NULL; at = next_element(at)) {
    char *speaker = own_text(at, "speaker"), *said = own_text(at, "text");
    text_add(&seen, "%s: %s\n", speaker, said);
    free(speaker);
    free(said);
  }
  while (*rest != '\0') {
    char* part = take_part(&rest);
    const char* speaker = take_word(&part);
    char* said = quoted(self, part);
    text_add(&wanted, "%s: %s\n", speaker, said);
    free(said);
  }
  equal(self, text_get(&seen), text_get(&wanted));
  scena_text_destroy(messages);
  free(seen.data);
  free(wanted.data);
}

static const char* looked_for;
static bool was_found;

static void look(runner* self, const scena_event* event) {
  (void)self;
  was_found = was_found || strstr(value_of(event->json, "data"), looked_for) != NULL;
}

static void check_view(runner* self, char* rest, bool visible) {
  scena_events_options options;
  scena_events* view = NULL;
  char* wanted;
  (void)memset(&options, 0, sizeof options);
  options.struct_size = (uint32_t)sizeof options;
  options.participant = take_word(&rest);
  looked_for = wanted = quoted(self, rest);
  was_found = false;
  (void)scena_session_events(now(self), &options, &view, NULL);
  drain(self, view, look);
  if (was_found != visible) text_add(&self->wrong, visible ? "it does not" : "it does");
  scena_events_destroy(view);
  free(wanted);
}

void check(runner* self, const char* word, char* rest) {
  if (!self->closed) (void)scena_engine_run_until_idle(self->engine, NULL);
  if (strcmp(word, "expect") == 0) {
    expect(self, rest);
  } else if (strcmp(word, "answer") == 0) {
    char* wanted = quoted(self, rest);
    equal(self, text_get(&self->answer), wanted);
    free(wanted);
  } else if (strcmp(word, "line") == 0) {
    check_line(self, rest);
  } else if (strcmp(word, "error") == 0) {
    equal(self, text_get(&self->error), rest);
  } else if (strcmp(word, "state") == 0 || strcmp(word, "turns") == 0) {
    check_session(self, word, rest);
  } else if (strcmp(word, "reason") == 0) {
    check_session(self, "end_reason", rest);
  } else if (strcmp(word, "variable") == 0) {
    check_variable(self, rest);
  } else if (strcmp(word, "outcome") == 0) {
    check_outcome(self, rest);
  } else if (strcmp(word, "all") == 0) {
    check_count(self, messages_of(self, SCENA_MESSAGES_ALL), rest);
  } else if (strcmp(word, "alternatives") == 0) {
    check_alternatives(self, rest);
  } else if (strcmp(word, "sees") == 0 || strcmp(word, "misses") == 0) {
    check_view(self, rest, strcmp(word, "sees") == 0);
  } else {
    text_add(&self->wrong, "no such word, or too late in the case");
  }
}
