#pragma once

#include <string>
#include <string_view>

namespace scena::cases {

/// A folder of one case, made when the case first needs it and removed with all that is in it.
class CaseFolder {
 public:
  CaseFolder() = default;
  CaseFolder(const CaseFolder&) = delete;
  CaseFolder& operator=(const CaseFolder&) = delete;
  ~CaseFolder();

  /// Where it is.
  const std::string& path();
  void write(const std::string& name, std::string_view content);
  /// Until this goes no file grows any more: whoever writes to one is told that there is no room.
  void fill();
  /// Puts the folder's path where a text says "%folder%".
  std::string insert(std::string_view text);
  /// Puts "%folder%" where a text has the folder's path: what is recorded is the same every time.
  std::string hide(std::string_view text) const;

 private:
  std::string path_;
  bool full_ = false;
};

}  // namespace scena::cases
