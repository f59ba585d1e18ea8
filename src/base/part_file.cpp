#include "base/part_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <random>
#include <utility>

namespace scena {
namespace {

constexpr std::string_view kEnding = ".part";
constexpr std::size_t kDigits = 16;
constexpr std::size_t kAdded = 1 + kDigits + kEnding.size();

std::string name_of_part(const std::string& path) {
  std::random_device random;
  return fmt::format("{}.{:08x}{:08x}{}", path, random(), random(), kEnding);
}

// The part that a name is of, or of SQLite's files beside it; empty for other names.
std::string_view part_in(std::string_view name) {
  for (const std::string_view beside : {"-journal", "-wal", "-shm"}) {
    if (name.ends_with(beside)) name.remove_suffix(beside.size());
  }
  if (!name.ends_with(kEnding) || name.size() <= kAdded) return {};
  const auto added = name.substr(name.size() - kAdded);
  const auto digits = added.substr(1, kDigits);
  const bool is_hex = digits.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  return added[0] == '.' && is_hex ? name : std::string_view();
}

// A byte far behind what anybody else locks in the file, SQLite among them: on network file systems
// a lock of the whole file, as flock() makes it, would keep its own writer out.
bool lock(int descriptor) noexcept {
  struct flock byte {};
  byte.l_type = F_WRLCK;
  byte.l_whence = SEEK_SET;
  byte.l_start = std::numeric_limits<off_t>::max() - 1;
  byte.l_len = 1;
  return ::fcntl(descriptor, F_OFD_SETLK, &byte) == 0;
}

// Whether it was removed between its making and its lock.
bool is_gone(int descriptor) noexcept {
  struct stat facts {};
  return ::fstat(descriptor, &facts) != 0 || facts.st_nlink == 0;
}

}  // namespace

std::optional<PartFile> PartFile::create(const std::string& path) {
  for (int tries = 0; tries < 100; ++tries) {
    std::string name = name_of_part(path);
    const int descriptor =
        ::open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (descriptor < 0 && errno == EEXIST) continue;
    if (descriptor < 0) return std::nullopt;
    PartFile made(descriptor, std::move(name), path);
    // Somebody who has the lock takes it for one that was left behind, and removes it. A file
    // system without locks has nobody who asks for them.
    if (!lock(descriptor) && (errno == EAGAIN || errno == EACCES)) continue;
    if (!is_gone(descriptor)) return made;
  }
  errno = EEXIST;
  return std::nullopt;
}

PartFile::PartFile(PartFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      name_(std::move(other.name_)),
      path_(std::move(other.path_)) {}

PartFile::~PartFile() {
  if (descriptor_ < 0) return;
  const int number = errno;
  if (!name_.empty()) ::unlink(name_.c_str());
  ::close(descriptor_);
  errno = number;
}

bool PartFile::replace() noexcept {
  if (std::rename(name_.c_str(), path_.c_str()) != 0) return false;
  name_.clear();
  return true;
}

void remove_left_parts(const std::string& folder, std::string_view file) {
  std::error_code failed;
  std::filesystem::directory_iterator entry(folder, failed);
  for (; !failed && entry != std::filesystem::directory_iterator(); entry.increment(failed)) {
    const std::string name = entry->path().filename().string();
    const std::string part(part_in(name));
    if (part.empty() || (!file.empty() && part.substr(0, part.size() - kAdded) != file)) continue;
    const int held = ::open((entry->path().parent_path() / part).c_str(),
                            O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    const bool left = held < 0 ? errno == ENOENT : lock(held);
    if (left) ::unlink(entry->path().c_str());
    if (held >= 0) ::close(held);
  }
}

}  // namespace scena
