#include "news_linux.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <scena/error.hpp>
#include <system_error>

namespace scena::capi {

NewsPipe::NewsPipe() {
  if (::pipe2(ends_, O_CLOEXEC | O_NONBLOCK) != 0)
    throw Error::fixed(ErrorCode::unavailable, "no descriptor left for a pipe");
}

NewsPipe::~NewsPipe() {
  ::close(ends_[0]);
  ::close(ends_[1]);
}

// A pipe that is full is readable, too.
void NewsPipe::tell() noexcept {
  [[maybe_unused]] const auto written = ::write(ends_[1], "!", 1);
}

void NewsPipe::clear() noexcept {
  char dropped[256];
  while (::read(ends_[0], dropped, sizeof dropped) > 0) {
  }
}

std::thread start_without_signals(std::function<void()> run) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  struct Restore {
    sigset_t& before;
    ~Restore() { pthread_sigmask(SIG_SETMASK, &before, nullptr); }
  } restore{before};
  try {
    return std::thread(std::move(run));
  } catch (const std::system_error&) {
    throw Error::fixed(ErrorCode::unavailable, "no thread left for a batch");
  }
}

}  // namespace scena::capi
