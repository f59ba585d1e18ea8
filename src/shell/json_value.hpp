#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scena::shell {

/// A look into JSON that the engine itself wrote (the `data` of its events, its exports): a view of
/// one value, which finds members and items without building a tree. Text that is not JSON gives
/// empty answers, never a fault. The text must outlive the view.
class JsonValue {
 public:
  explicit JsonValue(std::string_view json) noexcept;

  /// The member of that name, or an absent value; absent values have no members either.
  JsonValue operator[](std::string_view name) const;
  /// The items of an array.
  std::vector<JsonValue> items() const;

  bool exists() const noexcept { return !raw_.empty(); }
  std::string_view raw() const noexcept { return raw_; }
  /// A string's content, unescaped; of everything else, nothing.
  std::string text() const;
  double number(double fallback = 0) const;
  /// A whole number that fits; of everything else, 0.
  template <class Integer>
  Integer integer() const {
    Integer value = 0;
    std::from_chars(raw_.data(), raw_.data() + raw_.size(), value);
    return value;
  }
  bool flag() const noexcept { return raw_ == "true"; }

 private:
  std::string_view raw_;
};

}  // namespace scena::shell
