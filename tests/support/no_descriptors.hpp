#pragma once

#include <sys/resource.h>
#include <unistd.h>

#include "support/sanitized.hpp"

namespace scena::test {

// UBSan looks at objects through a pipe and takes the lack of descriptors for a fault of theirs.
inline constexpr bool kChecksNeedDescriptors = kChecksBehaviour;

/// Lowers the limit of open files to what is open now.
struct NoDescriptors {
  NoDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before);
    const int next = ::dup(0);
    ::close(next);
    rlimit lower = before;
    lower.rlim_cur = static_cast<rlim_t>(next);
    ::setrlimit(RLIMIT_NOFILE, &lower);
  }
  ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before); }
  rlimit before{};
};

}  // namespace scena::test
