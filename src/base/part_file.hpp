#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace scena {

/// A new file beside another, until it is whole and takes that one's name.
///
/// Nobody has its own name, "<path>.<16 hex digits>.part": nothing that stands there is written
/// over, and no link is followed. It is locked while it is open, which tells it from one that a
/// process left behind as it was killed.
class PartFile {
 public:
  /// Makes it, empty and readable by its owner alone. @return nullopt, and errno says why.
  static std::optional<PartFile> create(const std::string& path);
  PartFile(PartFile&& other) noexcept;
  PartFile& operator=(PartFile&&) = delete;
  /// Removes it, unless it has its other name.
  ~PartFile();

  int descriptor() const noexcept { return descriptor_; }
  /// The path that it has meanwhile.
  const std::string& name() const noexcept { return name_; }
  /// Takes the name of the file that it is a part of, from whatever has it. @return false, and
  /// errno says why.
  bool replace() noexcept;

 private:
  PartFile(int descriptor, std::string name, std::string path) noexcept
      : descriptor_(descriptor), name_(std::move(name)), path_(std::move(path)) {}

  int descriptor_;
  std::string name_;  // empty once it has the other
  std::string path_;
};

/// Removes the parts in a folder that nobody holds, and SQLite's files beside them.
/// @param file  The name of the one file whose parts they are; empty: of any.
void remove_left_parts(const std::string& folder, std::string_view file = {});

}  // namespace scena
