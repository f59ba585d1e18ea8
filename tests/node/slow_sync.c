/* Interposed by LD_PRELOAD: a sync of a file takes as long as slow_syncs_hold() says so. One that
   is held for ten seconds gives up: who should let it go waits for it. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t let_go = PTHREAD_COND_INITIALIZER;
static int held, waiting, ended, given_up;

int slow_syncs(void);
int slow_syncs_given_up(void);
int slow_syncs_waiting(void);
void slow_syncs_hold(int hold);
int fdatasync(int file);
int fsync(int file);

static int read_locked(const int* value) {
  int read;
  (void)pthread_mutex_lock(&mutex);
  read = *value;
  (void)pthread_mutex_unlock(&mutex);
  return read;
}

/* How many ended. */
int slow_syncs(void) {
  return read_locked(&ended);
}

int slow_syncs_given_up(void) {
  return read_locked(&given_up);
}

/* How many are held now. */
int slow_syncs_waiting(void) {
  return read_locked(&waiting);
}

void slow_syncs_hold(int hold) {
  (void)pthread_mutex_lock(&mutex);
  held = hold;
  (void)pthread_cond_broadcast(&let_go);
  (void)pthread_mutex_unlock(&mutex);
}

static int slow(long call, int file) {
  struct timespec end;
  int late = 0;
  (void)clock_gettime(CLOCK_REALTIME, &end);
  end.tv_sec += 10;
  (void)pthread_mutex_lock(&mutex);
  ++waiting;
  while (held && !late) late = pthread_cond_timedwait(&let_go, &mutex, &end) != 0;
  --waiting;
  given_up += late;
  ++ended;
  (void)pthread_mutex_unlock(&mutex);
  return (int)syscall(call, file);
}

int fdatasync(int file) {
  return slow(SYS_fdatasync, file);
}

int fsync(int file) {
  return slow(SYS_fsync, file);
}
