#include "shell/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <random>

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

// A file that is made shows what people said to its owner alone, as the store does.
File open_to_write(const std::string& path, int flags) {
  const int made = ::open(path.c_str(), O_CREAT | O_CLOEXEC | flags, 0600);
  if (made < 0) return nullptr;
  File file(::fdopen(made, "wb"));
  if (!file) ::close(made);
  return file;
}

// What is written until it is whole. Nobody has its name: what stands beside `path` is left alone.
File make_part(const std::string& path, std::string& part) {
  std::random_device random;
  for (;;) {
    part = fmt::format("{}.{:08x}{:08x}.new", path, random(), random());
    File file = open_to_write(part, O_WRONLY | O_EXCL | O_NOFOLLOW);
    if (file || errno != EEXIST) return file;
  }
}

Error cannot_write(const std::string& path) {
  return cannot("cannot be written", path, ErrorCode::storage_failed);
}

}  // namespace

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
  std::error_code ignored;
  // A link may lead to what is not there yet. A pipe is opened for both, which waits for nobody.
  const bool stays = is_special(path) && std::filesystem::exists(path, ignored);
  std::string made = path;
  const File file = is_special(path) ? open_to_write(path, O_RDWR) : make_part(path, made);
  if (!file) return cannot_write(path);
  if (!stays) std::filesystem::remove(std::filesystem::canonical(made, ignored), ignored);
  return {};
}

Result<void> write_file(const std::string& path, std::string_view content) {
  const bool special = is_special(path);
  std::string part = path;
  const File file = special ? open_to_write(path, O_WRONLY | O_TRUNC) : make_part(path, part);
  if (!file) return cannot_write(path);
  const bool written = std::fwrite(content.data(), 1, content.size(), file.get()) == content.size();
  const bool whole = written && std::fflush(file.get()) == 0;
  if (whole && (special || std::rename(part.c_str(), path.c_str()) == 0)) return {};
  Error error = cannot_write(path);
  if (!special) std::remove(part.c_str());
  return error;
}

}  // namespace scena::shell
