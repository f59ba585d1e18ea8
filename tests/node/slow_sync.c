/* Interposed by LD_PRELOAD: a sync of a file takes 50 ms, and as long as slow_syncs_hold() says so
   beyond that. One that is held for ten seconds gives up: who should let it go waits for it. */
#define _GNU_SOURCE
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_int all;
static atomic_int held;
static atomic_int given_up;

int slow_syncs(void);
int slow_syncs_given_up(void);
void slow_syncs_hold(int hold);
int fdatasync(int file);
int fsync(int file);

/* How many ended. */
int slow_syncs(void) {
  return atomic_load(&all);
}

int slow_syncs_given_up(void) {
  return atomic_load(&given_up);
}

void slow_syncs_hold(int hold) {
  atomic_store(&held, hold);
}

static int slow(long call, int file) {
  int waited = 0;
  (void)usleep(50000);
  while (atomic_load(&held) != 0 && ++waited < 10000) (void)usleep(1000);
  if (waited == 10000) atomic_fetch_add(&given_up, 1);
  atomic_fetch_add(&all, 1);
  return (int)syscall(call, file);
}

int fdatasync(int file) {
  return slow(SYS_fdatasync, file);
}

int fsync(int file) {
  return slow(SYS_fsync, file);
}
