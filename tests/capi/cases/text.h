/* Text for the runner of cases: growing strings, words of a line, texts inside JSON. */
#ifndef SCENA_TESTS_CAPI_CASES_TEXT_H
#define SCENA_TESTS_CAPI_CASES_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* A string that grows; it begins as {NULL, 0}. */
typedef struct text {
  char* data;
  size_t size;
} text;

void text_add(text* to, const char* format, ...);
void text_set(text* to, const char* what);
/* Never NULL. */
const char* text_get(const text* of);

/* To be freed. */
char* copy_text(const char* what);

/* Takes the first word off a line; what is behind it stays in `rest`. Cuts the line in place. */
char* take_word(char** rest);
/* The JSON string at `from`, without its quotes and escapes; NULL when there is none. To be freed.
 */
char* unquoted(const char* from);
/* The text behind the first `"name":` in a JSON object, unescaped; "" when there is none. To be
   freed. */
char* member(const char* json, const char* name);
/* What is behind a JSON value, or behind a member of an object: a comma, or what closes. */
const char* behind_value(const char* at);
/* The elements of an array, or members of an object, one after the other; NULL: there is none. */
const char* first_element(const char* json);
const char* next_element(const char* element);
/* The object's own member of that name, not one further inside; NULL: there is none. The object may
   be NULL. */
const char* value_of(const char* object, const char* name);
/* Its text, unescaped; "" when it has none. To be freed. */
char* own_text(const char* object, const char* name);
/* The same, but of a value that is no text its JSON. To be freed. */
char* value_text(const char* object, const char* name);
/* Appends a JSON string. */
void add_quoted(text* to, const char* plain);
/* How often a part stands in a text. */
size_t count_of(const char* whole, const char* part);

#endif
