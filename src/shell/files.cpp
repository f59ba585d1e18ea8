#include "shell/files.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

namespace scena::shell {
namespace {

constexpr std::size_t kMaxBytes = 256u << 20;

struct Close {
  void operator()(std::FILE* file) const noexcept {
    if (file != stdin) std::fclose(file);
  }
};

Error cannot(const char* what, const std::string& path, ErrorCode code) {
  return Error(code, path + ": " + what + ": " + std::strerror(errno));
}

using File = std::unique_ptr<std::FILE, Close>;

// Not to be replaced by a file of that name: /dev/null, a pipe, a link such as /dev/stdout.
bool is_special(const std::string& path) {
  std::error_code ignored;
  const auto status = std::filesystem::symlink_status(path, ignored);
  return std::filesystem::exists(status) && !std::filesystem::is_regular_file(status);
}

Error cannot_write(const std::string& path) {
  return cannot("cannot be written", path, ErrorCode::storage_failed);
}

}  // namespace

std::string part_of(const std::string& path) {
  return is_special(path) ? path : path + ".part";
}

Result<std::string> read_file(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    return Error(ErrorCode::invalid_argument, path + ": is a folder; name a file");
  const File file(path == "-" ? stdin : std::fopen(path.c_str(), "rb"));
  if (!file)
    return cannot("cannot be opened", path,
                  errno == ENOENT ? ErrorCode::not_found : ErrorCode::invalid_argument);
  std::string content;
  char piece[16384];
  while (const auto got = std::fread(piece, 1, sizeof piece, file.get())) {
    content.append(piece, got);
    if (content.size() > kMaxBytes)
      return Error(ErrorCode::too_large, path + ": is larger than 256 MiB");
  }
  if (std::ferror(file.get())) return cannot("cannot be read", path, ErrorCode::invalid_argument);
  return content;
}

Result<void> check_writable(const std::string& path) {
  const std::string part = part_of(path);
  const bool special = part == path;
  const File file(std::fopen(part.c_str(), special ? "r+b" : "wb"));
  if (!file) return cannot_write(path);
  if (!special) std::remove(part.c_str());
  return {};
}

Result<void> write_file(const std::string& path, std::string_view content) {
  const std::string part = part_of(path);
  const bool special = part == path;
  const File file(std::fopen(part.c_str(), "wb"));
  if (!file) return cannot_write(path);
  const bool written = std::fwrite(content.data(), 1, content.size(), file.get()) == content.size();
  const bool whole = written && std::fflush(file.get()) == 0;
  if (whole && (special || std::rename(part.c_str(), path.c_str()) == 0)) return {};
  Error error = cannot_write(path);
  if (!special) std::remove(part.c_str());
  return error;
}

}  // namespace scena::shell
