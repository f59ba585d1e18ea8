/* A folder of one case, made when the case first needs it. */
#ifndef SCENA_TESTS_CAPI_CASES_FOLDER_H
#define SCENA_TESTS_CAPI_CASES_FOLDER_H

#include "text.h"

/* Where it is. */
const char* folder_path(text* folder);
void folder_write(text* folder, const char* name, const char* content);
/* Until folder_remove() no file grows any more: whoever writes to one is told that there is no
   room. */
void folder_fill(void);
/* Appends a text, with the folder's path where it says "%folder%". */
void add_with_folder(text* to, text* folder, const char* what);
/* Appends a text, with "%folder%" where it has the folder's path. */
void add_without_folder(text* to, const text* folder, const char* what);
/* Removes it and all that is in it. */
void folder_remove(text* folder);

#endif
