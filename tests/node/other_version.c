/* The library as one of another version: what scena_abi_sizeof() says is OTHER_VERSION_BYTES more
   or less for the struct OTHER_VERSION_STRUCT; with OTHER_VERSION_ABI it has that binary interface.
   All else is the library's own. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <scena/scena.h>
#include <stdlib.h>
#include <string.h>

size_t scena_abi_sizeof(const char* name);
uint32_t scena_abi_version(void);

static long number(const char* name, long otherwise) {
  const char* given = getenv(name);
  return given ? strtol(given, NULL, 10) : otherwise;
}

size_t scena_abi_sizeof(const char* name) {
  const char* changed = getenv("OTHER_VERSION_STRUCT");
  size_t (*own)(const char*);
  *(void**)&own = dlsym(RTLD_NEXT, "scena_abi_sizeof");
  if (!changed || strcmp(name, changed) != 0) return own(name);
  return own(name) + (size_t)number("OTHER_VERSION_BYTES", 0);
}

uint32_t scena_abi_version(void) {
  return (uint32_t)number("OTHER_VERSION_ABI", 1);
}
