// Interposed by LD_PRELOAD: makes the n-th call of one kind in the whole process fail, static
// initialisers and exit included, and counts what is never freed.
//
// SCENA_TORTURE_KIND   alloc, store (open, read, write, sync, ...) or net (socket, connect, ...)
// SCENA_TORTURE_AT     which call fails, from 1; 0: none
// SCENA_TORTURE_LAST   every call up to this one fails too; default: only the one
// SCENA_TORTURE_REPORT file that gets the number of calls seen and of blocks alive at the end

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>

#define INTERPOSED extern "C" __attribute__((visibility("default")))

extern "C" {
void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);
void __libc_free(void*);
}

namespace {

enum Kind { kNone, kAlloc, kStore, kNet };

std::atomic<bool> ready{false};
std::atomic<long> seen{0};
std::atomic<long> alive{0};
Kind chosen = kNone;
long first = 0;
long last = 0;

long number(const char* name) {
  const char* text = getenv(name);
  return text ? atol(text) : 0;
}

/// The loader calls before there is an environment.
bool is_ready() {
  if (ready.load(std::memory_order_acquire)) return true;
  if (!environ) return false;
  if (const char* kind = getenv("SCENA_TORTURE_KIND")) {
    chosen = strcmp(kind, "alloc") == 0 ? kAlloc : strcmp(kind, "store") == 0 ? kStore : kNet;
  }
  first = number("SCENA_TORTURE_AT");
  last = number("SCENA_TORTURE_LAST");
  if (last == 0) last = first;
  ready.store(true, std::memory_order_release);
  return true;
}

bool fails(Kind kind) {
  if (!is_ready() || kind != chosen) return false;
  const long mine = seen.fetch_add(1) + 1;
  return first != 0 && mine >= first && mine <= last;
}

void* counted(void* block) {
  if (block) alive.fetch_add(1, std::memory_order_relaxed);
  return block;
}

void* no_memory() {
  errno = ENOMEM;
  return nullptr;
}

/// The function that this one stands before.
template <class F>
F next(F, const char* name) {
  return reinterpret_cast<F>(dlsym(RTLD_NEXT, name));
}

int refuse(int code) {
  errno = code;
  return -1;
}

}  // namespace

__attribute__((destructor)) static void write_report() {
  const char* path = getenv("SCENA_TORTURE_REPORT");
  if (!path) return;
  const long calls = seen.load();
  const long blocks = alive.load();
  chosen = kNone;
  if (FILE* file = fopen(path, "w")) {
    fprintf(file, "%ld %ld\n", calls, blocks);
    fclose(file);
  }
}

// --- memory
// ----------------------------------------------------------------------------------------

INTERPOSED void* malloc(size_t size) {
  return fails(kAlloc) ? no_memory() : counted(__libc_malloc(size));
}

INTERPOSED void* calloc(size_t count, size_t size) {
  return fails(kAlloc) ? no_memory() : counted(__libc_calloc(count, size));
}

INTERPOSED void* realloc(void* old, size_t size) {
  if (fails(kAlloc)) return no_memory();
  void* block = __libc_realloc(old, size);
  if (!old) return counted(block);
  if (!block && size == 0) alive.fetch_sub(1, std::memory_order_relaxed);
  return block;
}

INTERPOSED void* aligned_alloc(size_t alignment, size_t size) {
  return fails(kAlloc) ? no_memory() : counted(__libc_memalign(alignment, size));
}

INTERPOSED int posix_memalign(void** out, size_t alignment, size_t size) {
  if (fails(kAlloc)) return ENOMEM;
  *out = counted(__libc_memalign(alignment, size));
  return *out ? 0 : ENOMEM;
}

INTERPOSED void free(void* block) {
  if (block) alive.fetch_sub(1, std::memory_order_relaxed);
  __libc_free(block);
}

// --- files
// -------------------------------------------------------------------------------------------

#define FORWARD(name, ...) next(&::name, #name)(__VA_ARGS__)

INTERPOSED int open(const char* path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  const mode_t mode = va_arg(list, mode_t);
  va_end(list);
  if (fails(kStore)) return refuse(EMFILE);
  return FORWARD(open, path, flags, mode);
}

INTERPOSED int open64(const char* path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  const mode_t mode = va_arg(list, mode_t);
  va_end(list);
  if (fails(kStore)) return refuse(EMFILE);
  return FORWARD(open64, path, flags, mode);
}

INTERPOSED ssize_t read(int file, void* data, size_t size) {
  if (fails(kStore)) return refuse(EIO);
  return FORWARD(read, file, data, size);
}

INTERPOSED ssize_t pread64(int file, void* data, size_t size, off64_t at) {
  if (fails(kStore)) return refuse(EIO);
  return FORWARD(pread64, file, data, size, at);
}

INTERPOSED ssize_t pread(int file, void* data, size_t size, off_t at) {
  if (fails(kStore)) return refuse(EIO);
  return FORWARD(pread, file, data, size, at);
}

INTERPOSED ssize_t write(int file, const void* data, size_t size) {
  if (fails(kStore)) return refuse(ENOSPC);
  return FORWARD(write, file, data, size);
}

INTERPOSED ssize_t pwrite64(int file, const void* data, size_t size, off64_t at) {
  if (fails(kStore)) return refuse(ENOSPC);
  return FORWARD(pwrite64, file, data, size, at);
}

INTERPOSED ssize_t pwrite(int file, const void* data, size_t size, off_t at) {
  if (fails(kStore)) return refuse(ENOSPC);
  return FORWARD(pwrite, file, data, size, at);
}

INTERPOSED int fsync(int file) {
  if (fails(kStore)) return refuse(EIO);
  return FORWARD(fsync, file);
}

INTERPOSED int fdatasync(int file) {
  if (fails(kStore)) return refuse(EIO);
  return FORWARD(fdatasync, file);
}

INTERPOSED int ftruncate64(int file, off64_t size) noexcept {
  if (fails(kStore)) return refuse(EIO);
  return FORWARD(ftruncate64, file, size);
}

// Locks, sizes, names and mappings: what SQLite needs beside reading and writing. Giving a lock
// back does not fail on any system.
static bool takes_lock(int command, const void* argument) {
  return (command == F_SETLK || command == F_SETLKW) &&
         static_cast<const struct flock*>(argument)->l_type != F_UNLCK;
}

#define FAILING_LOCK(name)                                                     \
  INTERPOSED int name(int file, int command, ...) {                            \
    va_list list;                                                              \
    va_start(list, command);                                                   \
    void* argument = va_arg(list, void*);                                      \
    va_end(list);                                                              \
    if (takes_lock(command, argument) && fails(kStore)) return refuse(ENOLCK); \
    return FORWARD(name, file, command, argument);                             \
  }

FAILING_LOCK(fcntl)
FAILING_LOCK(fcntl64)

INTERPOSED int flock(int file, int operation) noexcept {
  return fails(kStore) ? refuse(ENOLCK) : FORWARD(flock, file, operation);
}

INTERPOSED int fstat64(int file, struct stat64* out) noexcept {
  return fails(kStore) ? refuse(EIO)
                       : next<int (*)(int, struct stat64*)>(nullptr, "fstat64")(file, out);
}

INTERPOSED int stat64(const char* path, struct stat64* out) noexcept {
  return fails(kStore) ? refuse(EIO)
                       : next<int (*)(const char*, struct stat64*)>(nullptr, "stat64")(path, out);
}

INTERPOSED int unlink(const char* path) noexcept {
  return fails(kStore) ? refuse(EIO) : FORWARD(unlink, path);
}

INTERPOSED int access(const char* path, int mode) noexcept {
  return fails(kStore) ? refuse(EIO) : FORWARD(access, path, mode);
}

INTERPOSED void* mmap64(void* where, size_t size, int protection, int flags, int file,
                        off64_t at) noexcept {
  if (file >= 0 && fails(kStore)) {
    errno = ENOMEM;
    return MAP_FAILED;
  }
  return FORWARD(mmap64, where, size, protection, flags, file, at);
}

// --- sockets and what waits for them
// -------------------------------------------------------------------

INTERPOSED int socket(int domain, int type, int protocol) noexcept {
  if (fails(kNet)) return refuse(EMFILE);
  return FORWARD(socket, domain, type, protocol);
}

INTERPOSED int connect(int file, const sockaddr* address, socklen_t size) {
  if (fails(kNet)) return refuse(ECONNREFUSED);
  return FORWARD(connect, file, address, size);
}

INTERPOSED ssize_t send(int file, const void* data, size_t size, int flags) {
  if (fails(kNet)) return refuse(ECONNRESET);
  return FORWARD(send, file, data, size, flags);
}

INTERPOSED ssize_t sendmsg(int file, const msghdr* message, int flags) {
  if (fails(kNet)) return refuse(ECONNRESET);
  return FORWARD(sendmsg, file, message, flags);
}

INTERPOSED ssize_t recv(int file, void* data, size_t size, int flags) {
  if (fails(kNet)) return refuse(ECONNRESET);
  return FORWARD(recv, file, data, size, flags);
}

INTERPOSED ssize_t recvmsg(int file, msghdr* message, int flags) {
  if (fails(kNet)) return refuse(ECONNRESET);
  return FORWARD(recvmsg, file, message, flags);
}

INTERPOSED int epoll_create1(int flags) noexcept {
  if (fails(kNet)) return refuse(EMFILE);
  return FORWARD(epoll_create1, flags);
}

INTERPOSED int epoll_ctl(int set, int operation, int file, epoll_event* event) noexcept {
  if (operation == EPOLL_CTL_ADD && fails(kNet)) return refuse(ENOSPC);
  return FORWARD(epoll_ctl, set, operation, file, event);
}

INTERPOSED int eventfd(unsigned int value, int flags) noexcept {
  if (fails(kNet)) return refuse(EMFILE);
  return FORWARD(eventfd, value, flags);
}

INTERPOSED int pipe2(int* ends, int flags) noexcept {
  if (fails(kNet)) return refuse(EMFILE);
  return FORWARD(pipe2, ends, flags);
}
