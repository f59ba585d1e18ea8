#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace scena::shell {

/// Breaks text that arrives in pieces into indented lines. A word is held back until it is whole,
/// since only then it is known whether it fits.
class Wrap {
 public:
  Wrap(std::size_t width, std::size_t indent) noexcept : width_(width), indent_(indent) {}

  /// What can be printed now.
  std::string add(std::string_view text);
  /// What was held back; afterwards the object is as new.
  std::string finish();

 private:
  void put_word(std::string& out);

  std::size_t width_;
  std::size_t indent_;
  std::size_t column_ = 0;  ///< 0: nothing stands on this line yet.
  std::string word_;
  std::size_t spaces_ = 0;
};

}  // namespace scena::shell
