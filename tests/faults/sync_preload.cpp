// Interposed by LD_PRELOAD under a server whose answer 200 to a POST acknowledges a stored message:
// ends the process with SIGABRT when such an answer leaves although no sync of a file was begun and
// completed since the request arrived.

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>

#define INTERPOSED extern "C" __attribute__((visibility("default")))

namespace {

constexpr int kDescriptors = 65'536;

std::atomic<long> begun{0};      // syncs ever begun
std::atomic<long> completed{0};  // the latest begun of those that have ended well
// Per connection: 1 + the syncs that had begun when its request came; 0: no request is open.
std::atomic<long> asked[kDescriptors];

template <class F>
F next(F, const char* name) {
  return reinterpret_cast<F>(dlsym(RTLD_NEXT, name));
}

bool starts_with(const void* data, size_t size, const char* text) {
  return size >= strlen(text) && memcmp(data, text, strlen(text)) == 0;
}

bool is_connection(int file) {
  return file >= 0 && file < kDescriptors;
}

void came(int file, const void* data, ssize_t size) {
  if (is_connection(file) && size > 0 && starts_with(data, static_cast<size_t>(size), "POST "))
    asked[file].store(1 + begun.load());
}

void leaves(int file, const void* data, size_t size) {
  if (!is_connection(file) || !starts_with(data, size, "HTTP/1.1 200")) return;
  const long before = asked[file].exchange(0);
  if (before == 0 || completed.load() >= before) return;
  fputs("acknowledged without a sync\n", stderr);
  abort();
}

template <class Sync>
int counted(Sync sync, int file) {
  const long mine = begun.fetch_add(1) + 1;
  const int result = sync(file);
  long latest = completed.load();
  while (result == 0 && latest < mine && !completed.compare_exchange_weak(latest, mine)) {
  }
  return result;
}

}  // namespace

INTERPOSED int fsync(int file) {
  return counted(next(&::fsync, "fsync"), file);
}

INTERPOSED int fdatasync(int file) {
  return counted(next(&::fdatasync, "fdatasync"), file);
}

INTERPOSED ssize_t recv(int file, void* data, size_t size, int flags) {
  const ssize_t got = next(&::recv, "recv")(file, data, size, flags);
  came(file, data, got);
  return got;
}

INTERPOSED ssize_t recvmsg(int file, msghdr* message, int flags) {
  const ssize_t got = next(&::recvmsg, "recvmsg")(file, message, flags);
  if (message->msg_iovlen > 0) came(file, message->msg_iov[0].iov_base, got);
  return got;
}

INTERPOSED ssize_t send(int file, const void* data, size_t size, int flags) {
  leaves(file, data, size);
  return next(&::send, "send")(file, data, size, flags);
}

INTERPOSED ssize_t sendmsg(int file, const msghdr* message, int flags) {
  if (message->msg_iovlen > 0)
    leaves(file, message->msg_iov[0].iov_base, message->msg_iov[0].iov_len);
  return next(&::sendmsg, "sendmsg")(file, message, flags);
}
