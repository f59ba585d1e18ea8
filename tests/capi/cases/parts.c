#include "parts.h"

#include <stdlib.h>
#include <string.h>

#include "codes.h"
#include "text.h"

/* --- a tool --------------------------------------------------------------------------------- */

static void call_tool(void* user_data, const char* request_json, scena_tool_call* call) {
  (void)request_json;
  scena_tool_call_succeed(call, user_data, SCENA_NUL_TERMINATED);
}

void add_case_tool(scena_extensions* to, char* rest) {
  scena_tool tool;
  (void)memset(&tool, 0, sizeof tool);
  tool.struct_size = (uint32_t)sizeof tool;
  tool.flags = SCENA_TOOL_EVERYWHERE;
  tool.name = take_word(&rest);
  tool.user_data = unquoted(rest);
  tool.description = "A tool of this case.";
  tool.call = call_tool;
  tool.destroy = free;
  if (scena_extensions_add_tool(to, &tool, NULL) != SCENA_OK) abort();
}

/* --- a filter ------------------------------------------------------------------------------- */

typedef struct word_filter {
  bool blocks;
  char* word;
  char* other;
} word_filter;

static void check(void* user_data, const char* session, const char* speaker, uint32_t is_final,
                  const char* said, size_t said_len, scena_filter_answer* answer) {
  const word_filter* self = user_data;
  const char* at = strstr(said, self->word);
  (void)session;
  (void)speaker;
  (void)is_final;
  (void)said_len;
  if (at == NULL) {
    scena_filter_answer_pass(answer);
  } else if (self->blocks) {
    scena_filter_answer_block(answer, "a word of the case");
  } else {
    text out = {NULL, 0};
    for (; at != NULL; at = strstr(said, self->word)) {
      text_add(&out, "%.*s%s", (int)(at - said), said, self->other);
      said = at + strlen(self->word);
    }
    text_add(&out, "%s", said);
    scena_filter_answer_rewrite(answer, out.data, out.size);
    free(out.data);
  }
}

static void destroy_filter(void* user_data) {
  word_filter* self = user_data;
  free(self->word);
  free(self->other);
  free(self);
}

void add_case_filter(scena_extensions* to, char* rest) {
  scena_filter filter;
  word_filter* self = calloc(1, sizeof *self);
  if (self == NULL) abort();
  self->blocks = strcmp(take_word(&rest), "block") == 0;
  self->word = copy_text(take_word(&rest));
  self->other = copy_text(rest);
  (void)memset(&filter, 0, sizeof filter);
  filter.struct_size = (uint32_t)sizeof filter;
  filter.user_data = self;
  filter.hold_back = strlen(self->word);
  filter.check_input = check;
  filter.check_output = check;
  filter.destroy = destroy_filter;
  if (scena_extensions_set_filter(to, &filter, NULL) != SCENA_OK) abort();
}

/* --- a metric ------------------------------------------------------------------------------- */

static void* begin(void* user_data, void* session, const char* message_json) {
  (void)user_data;
  (void)session;
  (void)message_json;
  return calloc(1, sizeof(text));
}

static void add(void* user_data, void* measurement, const char* piece, size_t piece_len) {
  (void)user_data;
  text_add(measurement, "%.*s", (int)piece_len, piece);
}

static void scores(void* user_data, void* measurement, scena_scores* out) {
  (void)scena_scores_add(out, NULL, (double)count_of(text_get(measurement), user_data), 1, NULL);
}

static void discard(void* user_data, void* session, void* measurement) {
  text* self = measurement;
  (void)user_data;
  (void)session;
  free(self->data);
  free(self);
}

void add_case_analyzer(scena_extensions* to, const char* mark) {
  scena_analyzer analyzer;
  (void)memset(&analyzer, 0, sizeof analyzer);
  analyzer.struct_size = (uint32_t)sizeof analyzer;
  analyzer.user_data = copy_text(mark);
  analyzer.name = "marks";
  analyzer.begin = begin;
  analyzer.add = add;
  analyzer.scores = scores;
  analyzer.discard = discard;
  analyzer.destroy = free;
  if (scena_extensions_add_analyzer(to, &analyzer, NULL) != SCENA_OK) abort();
}

/* --- a service that fails ------------------------------------------------------------------- */

typedef struct failing_provider {
  scena_status codes[SCENA_INTERNAL];
  size_t count, asked;
} failing_provider;

static void start(void* user_data, const char* request_json, scena_reply* reply) {
  failing_provider* self = user_data;
  (void)request_json;
  scena_reply_fail(reply, self->codes[self->asked++ % self->count], "the service says so");
}

void add_failing_provider(scena_extensions* to, char* rest) {
  scena_provider provider;
  failing_provider* self = calloc(1, sizeof *self);
  if (self == NULL) abort();
  while (*rest != '\0' && self->count < SCENA_INTERNAL)
    self->codes[self->count++] = code_of(take_word(&rest));
  (void)memset(&provider, 0, sizeof provider);
  provider.struct_size = (uint32_t)sizeof provider;
  provider.user_data = self;
  provider.start = start;
  provider.destroy = free;
  if (scena_extensions_add_provider(to, "own", &provider, NULL) != SCENA_OK) abort();
}
