#include "shell/line_source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace scena::shell {

Result<LineSource> LineSource::open(const std::string& path) {
  if (path == "-") return LineSource(STDIN_FILENO, false);
  struct stat facts {};
  if (::stat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode)) {
    return Error(ErrorCode::invalid_argument,
                 "--input: " + path + " is a folder; name a file with one message a line");
  }
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd >= 0) return LineSource(fd, true);
  return Error(errno == ENOENT ? ErrorCode::not_found : ErrorCode::invalid_argument,
               "--input: " + path + " cannot be opened: " + std::strerror(errno));
}

LineSource::LineSource(LineSource&& other) noexcept
    : fd_(other.fd_),
      owned_(std::exchange(other.owned_, false)),
      ended_(other.ended_),
      buffer_(std::move(other.buffer_)),
      scanned_(std::exchange(other.scanned_, 0)) {}

LineSource::~LineSource() {
  if (owned_) ::close(fd_);
}

bool LineSource::take(std::string& line) {
  while (!buffer_.empty()) {
    auto end = buffer_.find('\n', scanned_);
    scanned_ = buffer_.size();
    if (end == std::string::npos && !ended_ && buffer_.size() <= kLongest) return false;
    scanned_ = 0;
    line = buffer_.substr(0, end);
    buffer_.erase(0, end == std::string::npos ? end : end + 1);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.find_first_not_of(" \t") != std::string::npos) return true;
    left_out_ = true;
  }
  return false;
}

void LineSource::fill() {
  char piece[64u << 10];
  const auto got = ::read(fd_, piece, sizeof piece);
  if (got > 0) {
    buffer_.append(piece, static_cast<std::size_t>(got));
  } else if (got == 0 || (errno != EINTR && errno != EAGAIN)) {
    ended_ = true;
  }
}

}  // namespace scena::shell
