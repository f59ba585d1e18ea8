#include "shell/line_source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "shell/utf8.hpp"

namespace scena::shell {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

Result<LineSource> LineSource::open(const std::string& path) {
  if (path == "-") return LineSource(STDIN_FILENO, false);
  struct stat facts {};
  if (::stat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode)) {
    return Error(ErrorCode::invalid_argument,
                 "--input: " + path + " is a folder; name a file with one message a line");
  }
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd >= 0) {
    LineSource lines(fd, true);
    if (S_ISREG(facts.st_mode)) {
      if (auto text = lines.look_through(); !text) return text.error();
    }
    return lines;
  }
  return Error(errno == ENOENT ? ErrorCode::not_found : ErrorCode::invalid_argument,
               "--input: " + path + " cannot be opened: " + std::strerror(errno));
}

LineSource::LineSource(LineSource&& other) noexcept
    : fd_(other.fd_),
      owned_(std::exchange(other.owned_, false)),
      ended_(other.ended_),
      buffer_(std::move(other.buffer_)),
      scanned_(std::exchange(other.scanned_, 0)),
      number_(other.number_) {}

LineSource::~LineSource() {
  if (owned_) ::close(fd_);
}

Result<bool> LineSource::take(std::string& line) {
  while (cut_line(line)) {
    if (line.find_first_not_of(" \t") == std::string::npos) {
      left_out_ = true;
      continue;
    }
    if (line.size() > kLongest || is_utf8(line)) return true;
    return Error(ErrorCode::invalid_argument, "--input: line " + std::to_string(number_) +
                                                  " is not valid UTF-8; convert it, for example "
                                                  "with iconv");
  }
  return false;
}

bool LineSource::cut_line(std::string& line) {
  if (buffer_.empty()) return false;
  const auto end = buffer_.find('\n', scanned_);
  scanned_ = buffer_.size();
  if (end == std::string::npos && !ended_ && buffer_.size() <= kLongest) return false;
  scanned_ = 0;
  line = buffer_.substr(0, end);
  buffer_.erase(0, end == std::string::npos ? end : end + 1);
  if (!line.empty() && line.back() == '\r') line.pop_back();
  if (number_++ == 0 && line.starts_with(kByteOrderMark)) line.erase(0, kByteOrderMark.size());
  return true;
}

// A line that is too long is the engine's to refuse, and ends the look.
Result<void> LineSource::look_through() {
  LineSource all(fd_, false);
  std::string line;
  while (!all.ended_ && line.size() <= kLongest) {
    all.fill();
    for (;;) {
      auto taken = all.take(line);
      if (!taken) return taken.error();
      if (!*taken || line.size() > kLongest) break;
    }
  }
  if (::lseek(fd_, 0, SEEK_SET) == 0) return {};
  return Error(ErrorCode::invalid_argument,
               std::string("--input: cannot be read again: ") + std::strerror(errno));
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
