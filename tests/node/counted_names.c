/* Interposed by LD_PRELOAD: counts the names that the process's first thread, Node's JavaScript
   thread, has the C library resolve, which waits for the answer. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <sys/syscall.h>
#include <unistd.h>

static int on_first_thread;

int names_on_first_thread(void);

int names_on_first_thread(void) {
  return on_first_thread;
}

static void count(void) {
  if (syscall(SYS_gettid) == getpid()) ++on_first_thread;
}

typedef int get_address(const char*, const char*, const struct addrinfo*, struct addrinfo**);
typedef struct hostent* get_host(const char*);

int getaddrinfo(const char* name, const char* service, const struct addrinfo* hints,
                struct addrinfo** found) {
  get_address* real;
  *(void**)&real = dlsym(RTLD_NEXT, "getaddrinfo");
  count();
  return real(name, service, hints, found);
}

struct hostent* gethostbyname(const char* name) {
  get_host* real;
  *(void**)&real = dlsym(RTLD_NEXT, "gethostbyname");
  count();
  return real(name);
}
