#define _XOPEN_SOURCE 700
#include "folder.h"

#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const char name_of_it[] = "%folder%";

const char* folder_path(text* folder) {
  if (folder->size == 0) {
    text_set(folder, "/tmp/scena_case_XXXXXX");
    if (mkdtemp(folder->data) == NULL) abort();
  }
  return folder->data;
}

void folder_write(text* folder, const char* name, const char* content) {
  text path = {NULL, 0};
  FILE* file;
  text_add(&path, "%s/%s", folder_path(folder), name);
  file = fopen(path.data, "w");
  if (file == NULL || fputs(content, file) < 0 || fclose(file) != 0) abort();
  free(path.data);
}

static void let_files_grow(int may) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_FSIZE, &limit) != 0) abort();
  limit.rlim_cur = may ? limit.rlim_max : 0;
  if (setrlimit(RLIMIT_FSIZE, &limit) != 0) abort();
}

void folder_fill(void) {
  (void)signal(SIGXFSZ, SIG_IGN);
  let_files_grow(0);
}

static void add_replaced(text* to, const char* what, const char* from, const char* with) {
  const char* at;
  for (; (at = strstr(what, from)) != NULL; what = at + strlen(from))
    text_add(to, "%.*s%s", (int)(at - what), what, with);
  text_add(to, "%s", what);
}

void add_with_folder(text* to, text* folder, const char* what) {
  if (strstr(what, name_of_it) == NULL) {
    text_add(to, "%s", what);
  } else {
    add_replaced(to, what, name_of_it, folder_path(folder));
  }
}

void add_without_folder(text* to, const text* folder, const char* what) {
  if (folder->size == 0) {
    text_add(to, "%s", what);
  } else {
    add_replaced(to, what, folder->data, name_of_it);
  }
}

static int remove_one(const char* path, const struct stat* facts, int kind, struct FTW* place) {
  (void)facts;
  (void)kind;
  (void)place;
  return remove(path);
}

void folder_remove(text* folder) {
  let_files_grow(1);
  if (folder->size != 0) (void)nftw(folder->data, remove_one, 8, FTW_DEPTH | FTW_PHYS);
  free(folder->data);
}
