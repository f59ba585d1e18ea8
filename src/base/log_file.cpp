#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <scena/log_sinks.hpp>

#include "base/log_format.hpp"

namespace scena {
namespace {

constexpr std::size_t kMaxKeptBytes = 1u << 20;

class FileSink final : public LogSink {
 public:
  FileSink(std::string path, FileSinkOptions options) : path_(std::move(path)), options_(options) {}
  ~FileSink() override {
    flush();
    if (file_ >= 0) ::close(file_);
  }
  FileSink(const FileSink&) = delete;
  FileSink& operator=(const FileSink&) = delete;

  bool open() noexcept {
    file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    struct stat status {};
    if (file_ < 0 || ::fstat(file_, &status) != 0 || !S_ISREG(status.st_mode)) return false;
    size_ = static_cast<std::size_t>(status.st_size);
    return true;
  }

  void write(const LogRecord& record) noexcept override {
    try {
      line_.clear();
      append_json_line(line_, record);
      flush();
      if (is_due(record.time)) rotate();
      if (size_ == 0 || first_ == WallTime{}) first_ = record.time;
      if (waiting_.size() + line_.size() <= kMaxKeptBytes || waiting_.empty()) waiting_ += line_;
      flush();
    } catch (const std::exception&) {  // Out of memory: the line is lost, the program is not.
    }
  }

 private:
  bool is_due(WallTime now) const noexcept {
    if (size_ == 0) return false;
    if (size_ + waiting_.size() + line_.size() > options_.max_bytes) return true;
    return options_.max_age.count() > 0 && first_ != WallTime{} && now - first_ >= options_.max_age;
  }

  // Writes what waits; what the disk did not take stays.
  void flush() noexcept {
    std::size_t done = 0;
    while (file_ >= 0 && done < waiting_.size()) {
      const auto count = ::write(file_, waiting_.data() + done, waiting_.size() - done);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) break;
      done += static_cast<std::size_t>(count);
    }
    size_ += done;
    waiting_.erase(0, done);
  }

  // The new file is opened before the old one is let go, so that no line is without a file.
  void rotate() {
    for (std::size_t i = options_.keep; i > 1; --i) {
      std::rename(numbered(i - 1).c_str(), numbered(i).c_str());
    }
    if (std::rename(path_.c_str(), numbered(1).c_str()) != 0) return;
    const int old = file_;
    const auto old_size = size_;
    if (open()) {
      ::close(old);
      return;
    }
    if (file_ >= 0) ::close(file_);
    file_ = old;
    size_ = old_size;
    std::rename(numbered(1).c_str(), path_.c_str());
  }

  std::string numbered(std::size_t number) const { return fmt::format("{}.{}", path_, number); }

  std::string path_;
  FileSinkOptions options_;
  int file_ = -1;
  std::size_t size_ = 0;
  WallTime first_{};
  std::string line_;
  std::string waiting_;
};

}  // namespace

Result<std::shared_ptr<LogSink>> file_sink(std::string path, FileSinkOptions options) {
  if (options.max_bytes == 0 || options.keep == 0 || options.max_age.count() < 0) {
    return Error::fixed(ErrorCode::invalid_argument,
                        "log file: max_bytes and keep must be at least 1, max_age not negative");
  }
  auto sink = std::make_shared<FileSink>(path, options);
  if (!sink->open()) {
    return Error(ErrorCode::storage_failed,
                 fmt::format("log file \"{}\" cannot be opened: {}", path, std::strerror(errno)));
  }
  return std::shared_ptr<LogSink>(std::move(sink));
}

}  // namespace scena
