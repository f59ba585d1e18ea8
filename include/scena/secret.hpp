#pragma once

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <iosfwd>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace scena {

/// A key, token or password. Copies share one buffer, which is overwritten with zeros when the last
/// of them goes. There is no way to print it; reveal() is the one door, easy to search for.
///
/// Threading: values of their own may be used on any thread, also when they share a buffer.
class Secret {
 public:
  Secret() noexcept = default;
  /// Texts become secrets by themselves: `config.api_key = key`. Copied; what it came from stays.
  Secret(std::string_view text);
  Secret(const char* text) : Secret(std::string_view(text)) {}
  Secret(const std::string& text) : Secret(std::string_view(text)) {}
  /// Also wipes and empties the text it came from.
  Secret(std::string&& text);
  /// The parts one behind the other, as "Bearer " and a key: no text of both exists elsewhere.
  static Secret joined(std::span<const std::string_view> parts);
  static Secret joined(std::initializer_list<std::string_view> parts) {
    return joined(std::span(parts.begin(), parts.size()));
  }

  /// Nothing is in it.
  bool empty() const noexcept { return reveal().empty(); }
  /// Valid as long as any copy lives.
  std::string_view reveal() const noexcept;
  /// Lets go of the buffer.
  void clear() noexcept { bytes_.reset(); }
  /// In a time that does not depend on where the two differ.
  bool operator==(const Secret& other) const noexcept;

 private:
  struct Bytes;
  std::shared_ptr<const Bytes> bytes_;
};

template <std::same_as<Secret> T>
std::ostream& operator<<(std::ostream&, const T&) = delete;

}  // namespace scena
