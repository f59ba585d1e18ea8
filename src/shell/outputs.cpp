#include "shell/outputs.hpp"

#include <filesystem>
#include <string_view>

namespace scena::shell {
namespace {

namespace fs = std::filesystem;

// Where a path leads, also through links to what is not there yet.
fs::path place_of(const std::string& path) {
  constexpr int kMostLinks = 40;
  std::error_code failed;
  fs::path place = fs::absolute(path, failed);
  for (int i = 0; i < kMostLinks && fs::is_symlink(place, failed); ++i) {
    const fs::path target = fs::read_symlink(place, failed);
    place = target.is_absolute() ? target : place.parent_path() / target;
  }
  fs::path known = fs::weakly_canonical(place, failed);
  if (failed) known = place.lexically_normal();
  return known.has_filename() ? known : known.parent_path();
}

bool is_device(const std::string& path) {
  std::error_code ignored;
  const auto status = fs::status(path, ignored);
  return fs::exists(status) && !fs::is_regular_file(status);
}

bool is_inside(const std::string& path, const std::string& folder) {
  if (path.empty() || is_device(path)) return false;
  const fs::path way = place_of(path).lexically_relative(place_of(folder));
  return !way.empty() && *way.begin() != "..";
}

Result<void> check_kept(const NamedFile& output, const NamedFile& kept) {
  const bool taken =
      is_same_file(output.path, kept.path) || (kept.is_folder && is_inside(output.path, kept.path));
  if (!taken) return {};
  return Error(ErrorCode::invalid_argument,
               output.name + ": \"" + output.path + "\" is " + kept.name + "; name another file");
}

}  // namespace

bool is_same_file(const std::string& one, const std::string& other) {
  if (one.empty() || other.empty() || is_device(one)) return false;
  std::error_code ignored;
  return fs::equivalent(one, other, ignored) || place_of(one) == place_of(other);
}

std::optional<std::string> file_of_store(const std::string& storage) {
  for (const std::string_view kind : {"sqlite:", "file:"}) {
    if (!storage.starts_with(kind)) continue;
    std::string path = storage.substr(kind.size());
    if (path.starts_with("//")) path.erase(0, 2);
    return path;
  }
  return std::nullopt;
}

std::vector<NamedFile> files_of_store(const std::string& storage) {
  std::vector<NamedFile> files;
  const auto path = file_of_store(storage);
  if (!path || path->empty()) return files;
  files.push_back({"the store", *path});
  for (const char* ending : {"-wal", "-shm", "-journal", ".lock"})
    files.push_back({"a file of the store", *path + ending});
  return files;
}

Result<void> check_outputs(const std::vector<NamedFile>& outputs,
                           const std::vector<NamedFile>& kept) {
  for (auto output = outputs.begin(); output != outputs.end(); ++output) {
    for (const NamedFile& file : kept) {
      if (auto free = check_kept(*output, file); !free) return free;
    }
    for (auto other = outputs.begin(); other != output; ++other) {
      const NamedFile written{"what " + other->name + " writes", other->path};
      if (auto free = check_kept(*output, written); !free) return free;
    }
  }
  return {};
}

}  // namespace scena::shell
