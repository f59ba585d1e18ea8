#include <fcntl.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

#include "shell/signals.hpp"

namespace scena::shell {
namespace {

// A signal handler can reach nothing but globals; this is the only file of the command with any.
std::atomic<int> received{0};
std::atomic<int> wake{-1};

void handle(int number) {
  if (received.exchange(number) != 0) _exit(128 + number);
  const std::uint64_t one = 1;
  const auto written = ::write(wake.load(), &one, sizeof one);
  (void)written;
}

void install(int number, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  sigaction(number, &action, nullptr);
}

// What ends a command: a person, a service manager, a terminal that is closed.
constexpr int kEnding[] = {SIGINT, SIGTERM, SIGHUP};

// What the parent ignores for us (nohup, a shell's background jobs) stays ignored.
void install_unless_ignored(int number, void (*handler)(int)) {
  struct sigaction now {};
  if (sigaction(number, nullptr, &now) == 0 && now.sa_handler == SIG_IGN) return;
  install(number, handler);
}

}  // namespace

void prepare_process() noexcept {
  for (int descriptor = 0; descriptor <= 2; ++descriptor) {
    if (::fcntl(descriptor, F_GETFD) != -1) continue;
    const int opened = ::open("/dev/null", O_RDWR);
    (void)opened;  // the lowest free number is the one that was closed
  }
  install(SIGPIPE, SIG_IGN);
}

Signals::Signals() {
  wake.store(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  for (const int number : kEnding) install_unless_ignored(number, handle);
}

Signals::~Signals() {
  for (const int number : kEnding) install_unless_ignored(number, SIG_DFL);
  ::close(wake.exchange(-1));
}

bool Signals::asked() const noexcept {
  return received.load() != 0;
}
int Signals::descriptor() const noexcept {
  return wake.load();
}

}  // namespace scena::shell
