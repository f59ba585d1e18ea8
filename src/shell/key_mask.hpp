#pragma once

#include <scena/config.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace scena::shell {

/// Keeps the keys of a configuration out of what a service says: one that repeats them, whole or
/// over several pieces, is shown with "***" in their place. Keys under 8 bytes are left, since
/// words have such parts.
class KeyMask {
 public:
  /// The keys of every provider and alias: those that it has, also in headers and query, and the
  /// one of its environment variable.
  explicit KeyMask(const Config& config);

  /// What may be shown of the text so far, behind what was shown; a key's possible beginning waits.
  std::string take(std::string_view text);
  /// What waits, when nothing follows.
  std::string rest();
  /// A text that is there as a whole.
  std::string whole(std::string text) const;

 private:
  void add(const Secret& key);
  void add_with_its_last_word(const Secret& value);
  void add_of_environment(std::string_view kind);
  std::size_t begun(std::string_view text) const noexcept;

  std::vector<Secret> keys_;  // the longest first
  std::string waiting_;
};

}  // namespace scena::shell
