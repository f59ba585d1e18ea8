#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void* need(void* memory) {
  if (memory == NULL) abort();
  return memory;
}

void text_add(text* to, const char* format, ...) {
  va_list values;
  int size;
  va_start(values, format);
  size = vsnprintf(NULL, 0, format, values);
  va_end(values);
  to->data = need(realloc(to->data, to->size + (size_t)size + 1));
  va_start(values, format);
  (void)vsnprintf(to->data + to->size, (size_t)size + 1, format, values);
  va_end(values);
  to->size += (size_t)size;
}

void text_set(text* to, const char* what) {
  to->size = 0;
  text_add(to, "%s", what);
}

const char* text_get(const text* of) {
  return of->data ? of->data : "";
}

char* copy_text(const char* what) {
  text made = {NULL, 0};
  text_set(&made, what);
  return made.data;
}

char* take_word(char** rest) {
  char* word = *rest + strspn(*rest, " \t");
  char* end = word + strcspn(word, " \t");
  *rest = end + strspn(end, " \t");
  *end = '\0';
  return word;
}

static size_t add_code_point(char* to, unsigned long code) {
  if (code < 0x80) {
    to[0] = (char)code;
    return 1;
  }
  if (code < 0x800) {
    to[0] = (char)(0xC0 | (code >> 6));
    to[1] = (char)(0x80 | (code & 0x3F));
    return 2;
  }
  if (code < 0x10000) {
    to[0] = (char)(0xE0 | (code >> 12));
    to[1] = (char)(0x80 | ((code >> 6) & 0x3F));
    to[2] = (char)(0x80 | (code & 0x3F));
    return 3;
  }
  to[0] = (char)(0xF0 | (code >> 18));
  to[1] = (char)(0x80 | ((code >> 12) & 0x3F));
  to[2] = (char)(0x80 | ((code >> 6) & 0x3F));
  to[3] = (char)(0x80 | (code & 0x3F));
  return 4;
}

static unsigned long hex4(const char* at) {
  char digits[5] = {0};
  (void)memcpy(digits, at, 4);
  return strtoul(digits, NULL, 16);
}

char* unquoted(const char* from) {
  static const char escapes[] = "\"\\/bfnrt";
  static const char meaning[] = "\"\\/\b\f\n\r\t";
  char *out, *to;
  if (*from++ != '"') return NULL;
  out = to = need(malloc(strlen(from) + 1));
  while (*from != '\0' && *from != '"') {
    if (*from != '\\') {
      *to++ = *from++;
    } else if (from[1] == 'u') {
      unsigned long code = hex4(from + 2);
      from += 6;
      if (code >= 0xD800 && code < 0xDC00 && from[0] == '\\' && from[1] == 'u') {
        code = 0x10000 + ((code - 0xD800) << 10) + (hex4(from + 2) - 0xDC00);
        from += 6;
      }
      to += add_code_point(to, code);
    } else {
      const char* known = strchr(escapes, from[1]);
      *to++ = known ? meaning[known - escapes] : from[1];
      from += 2;
    }
  }
  *to = '\0';
  return out;
}

char* member(const char* json, const char* name) {
  char key[64];
  const char* at;
  char* found = NULL;
  (void)snprintf(key, sizeof key, "\"%s\":\"", name);
  at = strstr(json, key);
  if (at != NULL) found = unquoted(at + strlen(key) - 1);
  if (found == NULL) {
    found = need(malloc(1));
    *found = '\0';
  }
  return found;
}

const char* behind_value(const char* at) {
  bool in_text = false;
  int depth = 0;
  for (; *at != '\0'; ++at) {
    if (in_text) {
      if (*at == '"') in_text = false;
      if (*at == '\\') ++at;
    } else if (*at == '"') {
      in_text = true;
    } else if (*at == '{' || *at == '[') {
      ++depth;
    } else if ((*at == '}' || *at == ']' || *at == ',') && depth == 0) {
      break;
    } else if (*at == '}' || *at == ']') {
      --depth;
    }
  }
  return at;
}

const char* first_element(const char* json) {
  const bool is_empty = json == NULL || *json == '\0' || json[1] == '}' || json[1] == ']';
  return is_empty ? NULL : json + 1;
}

const char* next_element(const char* element) {
  const char* end = behind_value(element);
  return *end == ',' ? end + 1 : NULL;
}

const char* value_of(const char* object, const char* name) {
  const size_t size = strlen(name);
  const char* at;
  for (at = first_element(object); at != NULL; at = next_element(at))
    if (strncmp(at + 1, name, size) == 0 && strncmp(at + 1 + size, "\":", 2) == 0)
      return at + size + 3;
  return NULL;
}

char* own_text(const char* object, const char* name) {
  const char* at = value_of(object, name);
  char* found = at ? unquoted(at) : NULL;
  return found ? found : copy_text("");
}

char* value_text(const char* object, const char* name) {
  const char* at = value_of(object, name);
  text found = {NULL, 0};
  if (at != NULL && *at == '"') return unquoted(at);
  text_add(&found, "%.*s", at ? (int)(behind_value(at) - at) : 0, at ? at : "");
  return found.data;
}

void add_quoted(text* to, const char* plain) {
  text_add(to, "\"");
  for (; *plain != '\0'; ++plain) {
    const unsigned char byte = (unsigned char)*plain;
    if (byte == '"' || byte == '\\') {
      text_add(to, "\\%c", byte);
    } else if (byte < 0x20) {
      text_add(to, "\\u%04x", byte);
    } else {
      text_add(to, "%c", byte);
    }
  }
  text_add(to, "\"");
}

size_t count_of(const char* whole, const char* part) {
  size_t count = 0;
  for (whole = strstr(whole, part); whole != NULL; whole = strstr(whole + 1, part)) ++count;
  return count;
}
