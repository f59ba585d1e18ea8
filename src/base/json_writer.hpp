#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace scena {

/// Appends compact JSON to a string, members in the caller's order: the form that events, tapes and
/// exports have, byte for byte the same on every machine. Text that is not UTF-8 gets U+FFFD.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) noexcept : out_(out) {}

  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);
  /// The same of a literal, which needs no escapes.
  template <std::size_t N>
  JsonWriter& key(const char (&name)[N]) {
    char text[N + 3];
    text[0] = ',';
    text[1] = '"';
    std::memcpy(text + 2, name, N - 1);
    text[N + 1] = '"';
    text[N + 2] = ':';
    out_.append(first_ ? text + 1 : text, first_ ? N + 2 : N + 3);
    first_ = true;
    return *this;
  }
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(bool flag);
  JsonWriter& value(std::int64_t number);
  JsonWriter& value(std::uint64_t number);
  JsonWriter& value(int number) { return value(static_cast<std::int64_t>(number)); }
  /// Rounded to 4 decimals, without trailing zeros: the form of scores.
  JsonWriter& score(double number);
  JsonWriter& null();
  /// Text that is JSON already.
  JsonWriter& raw(std::string_view json);

  /// A literal, or a name of any characters.
  template <class Name, class T>
  JsonWriter& member(const Name& name, const T& content) {
    return key(name).value(content);
  }

  /// Appends a quoted JSON string.
  static void quote(std::string& out, std::string_view text);

 private:
  void separate();

  std::string& out_;
  bool first_ = true;
};

/// The largest score, either way: what 4 decimals hold exactly, with room.
inline constexpr double kLargestScore = 1e9;

/// A score as it enters an event: rounded to 4 decimals, never -0, at most kLargestScore; 0 for
/// NaN.
double round_score(double value) noexcept;

}  // namespace scena
