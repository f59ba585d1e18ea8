#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "storage/backends/sqlite/file_guard.hpp"

namespace scena::sqlite {
namespace {

constexpr mode_t kOwnerOnly = 0600;

struct flock whole_file(short type) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;
}

Result<void> sync_folder_of(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path();
  const auto folder = (parent.empty() ? std::filesystem::path(".") : parent).string();
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return file_error(folder, errno);
  const int fault = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  if (fault != 0) return file_error(folder, fault);
  return {};
}

// A file system without hard links moves it, and looks for the name by itself.
int give_name(const char* temporary, const char* path) noexcept {
  if (::link(temporary, path) == 0) return 0;
  if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS) return errno;
  const auto moved =
      ::syscall(SYS_renameat2, AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE);
  return moved == 0 ? 0 : errno;
}

}  // namespace

Error file_error(const std::string& path, int fault) {
  const bool full = fault == ENOSPC || fault == EDQUOT || fault == EFBIG;
  const auto code = full ? ErrorCode::storage_full : ErrorCode::storage_failed;
  return {code, fmt::format("sqlite: \"{}\" cannot be written: {}", path,
                            std::generic_category().message(fault))};
}

FileGuard::FileGuard(FileGuard&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), owner_(other.owner_) {}

FileGuard& FileGuard::operator=(FileGuard&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(owner_, other.owner_);
  return *this;
}

FileGuard::~FileGuard() {
  if (descriptor_ < 0) return;
  // A forked child may hold a copy of the descriptor: the owner unlocks, the child must not.
  if (::getpid() == owner_) {
    auto unlock = whole_file(F_UNLCK);
    ::fcntl(descriptor_, F_OFD_SETLK, &unlock);
  }
  ::close(descriptor_);
}

Result<FileGuard> FileGuard::take(const std::string& database) {
  return take(database, 0);
}

Result<FileGuard> FileGuard::take(const std::string& database, int flags) {
  const auto path = database + ".lock";
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | flags, kOwnerOnly);
  const int fault = descriptor < 0 ? errno : 0;
  const auto in_use = [&] {
    return Error(
        ErrorCode::conflict,
        fmt::format(
            "sqlite: \"{}\" is in use by another engine; close that one, or open this read-only",
            database));
  };
  if (descriptor < 0) return fault == EEXIST ? in_use() : file_error(path, fault);
  FileGuard guard(descriptor, ::getpid());
  auto lock = whole_file(F_WRLCK);
  if (::fcntl(descriptor, F_OFD_SETLK, &lock) == 0) return guard;
  const int refused = errno;
  return refused == EACCES || refused == EAGAIN ? in_use() : file_error(path, refused);
}

Result<void> FileGuard::renew(const std::string& database) {
  struct stat facts {};
  if (::fstat(descriptor_, &facts) != 0 || facts.st_nlink > 0) return {};
  auto again = take(database, O_EXCL);
  if (again) {
    *this = std::move(*again);
    return {};
  }
  if (again.error().code() != ErrorCode::conflict) return again.error();
  return Error(
      ErrorCode::conflict,
      fmt::format("sqlite: \"{}.lock\" was removed while this engine had the file open, and "
                  "another engine has had it since; close this one and open it anew",
                  database));
}

Result<void> check_is_file(const std::string& path) {
  std::error_code fault;
  switch (std::filesystem::status(path, fault).type()) {
    case std::filesystem::file_type::directory:
      return Error(ErrorCode::invalid_argument,
                   fmt::format("sqlite: \"{}\" is a folder; name a file in it", path));
    case std::filesystem::file_type::fifo:
    case std::filesystem::file_type::socket:
    case std::filesystem::file_type::character:
    case std::filesystem::file_type::block:
      return Error(ErrorCode::invalid_argument,
                   fmt::format("sqlite: \"{}\" is a pipe or a device; name a file", path));
    default:  // what cannot be looked at is told by the opening
      return {};
  }
}

Result<void> create_private_file(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerOnly);
  if (descriptor >= 0) ::close(descriptor);
  return descriptor >= 0 || errno == EEXIST ? Result<void>() : file_error(path, errno);
}

Result<void> publish_file(const std::string& temporary, const std::string& path) {
  const int fault = give_name(temporary.c_str(), path.c_str());
  if (fault == EEXIST) {
    return Error(ErrorCode::already_exists,
                 fmt::format("sqlite: \"{}\" exists; name a new file", path));
  }
  if (fault != 0) return file_error(path, fault);
  ::unlink(temporary.c_str());
  return sync_folder_of(path);
}

std::string canonical_path(const std::string& path) {
  std::error_code fault;
  const auto whole = std::filesystem::absolute(path, fault);
  if (fault) return path;
  const auto resolved = std::filesystem::weakly_canonical(whole, fault);
  return fault ? whole.string() : resolved.string();
}

bool can_write_beside(const std::string& path) noexcept {
  return ::access(path.substr(0, path.rfind('/') + 1).c_str(), W_OK) == 0;
}

}  // namespace scena::sqlite
