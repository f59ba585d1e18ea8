#include "shell/line_source.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "shell/utf8.hpp"

namespace scena::shell {

namespace {

// Of a line's bytes that are no part of the message: that mark and a carriage return.
constexpr std::size_t kBesides = 4;

}  // namespace

Error no_message() {
  return Error::fixed(ErrorCode::invalid_argument,
                      "--input: holds no message; write one message a line");
}

Result<LineSource> LineSource::open(const std::string& path, std::size_t max_bytes) {
  if (path == "-") return LineSource(STDIN_FILENO, false, max_bytes);
  struct stat facts {};
  if (::stat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode)) {
    return Error(ErrorCode::invalid_argument,
                 "--input: " + path + " is a folder; name a file with one message a line");
  }
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd >= 0) {
    LineSource lines(fd, true, max_bytes);
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
      max_bytes_(other.max_bytes_),
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
    if (auto fine = check(line); !fine) return fine.error();
    return true;
  }
  return false;
}

Result<void> LineSource::check(const std::string& line) const {
  const std::string name = "--input: line " + std::to_string(number_);
  if (line.size() > max_bytes_)
    return Error(ErrorCode::too_large,
                 name + " is longer than " + std::to_string(max_bytes_) +
                     " bytes (limits.message_bytes); make several messages of it");
  if (!is_utf8(line))
    return Error(ErrorCode::invalid_argument,
                 name + " is not valid UTF-8; convert it, for example with iconv");
  if (line.find('\0') != std::string::npos)
    return Error(ErrorCode::invalid_argument,
                 name + " holds a NUL; take it out, for example with tr -d '\\000'");
  return {};
}

bool LineSource::has_more() {
  std::string line;
  for (;;) {
    auto taken = take(line);
    if (!taken || *taken) return true;
    pollfd watched{fd_, POLLIN, 0};
    if (ended_ || ::poll(&watched, 1, 0) <= 0) return false;
    fill();
  }
}

bool LineSource::cut_line(std::string& line) {
  if (buffer_.empty()) return false;
  const auto end = buffer_.find('\n', scanned_);
  scanned_ = buffer_.size();
  if (end == std::string::npos && !ended_ && buffer_.size() <= max_bytes_ + kBesides) return false;
  scanned_ = 0;
  line = buffer_.substr(0, end);
  buffer_.erase(0, end == std::string::npos ? end : end + 1);
  if (!line.empty() && line.back() == '\r') line.pop_back();
  if (number_++ == 0 && line.starts_with(kByteOrderMark)) line.erase(0, kByteOrderMark.size());
  return true;
}

Result<void> LineSource::look_through() {
  LineSource all(fd_, false, max_bytes_);
  std::string line;
  bool any = false;
  while (!all.ended_) {
    all.fill();
    for (;;) {
      auto taken = all.take(line);
      if (!taken) return taken.error();
      if (!*taken) break;
      any = true;
    }
  }
  if (!any) return no_message();
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
