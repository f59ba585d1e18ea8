#pragma once

#include <cstddef>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

namespace scena {

/// A key, token or password. Copies share one buffer, which is overwritten with zeros when the last
/// of them goes. There is no way to print it; reveal() is the one door, easy to search for.
class Secret {
 public:
  Secret() noexcept = default;
  explicit Secret(std::string_view text);

  bool empty() const noexcept { return reveal().empty(); }
  /// Valid as long as any copy lives.
  std::string_view reveal() const noexcept;
  /// In a time that does not depend on where the two differ.
  bool operator==(const Secret& other) const noexcept;

 private:
  struct Bytes;
  std::shared_ptr<const Bytes> bytes_;
};

std::ostream& operator<<(std::ostream&, const Secret&) = delete;

/// Overwrites the text with zeros, also where a compiler sees no further use, and empties it.
void wipe(std::string& text) noexcept;

}  // namespace scena
