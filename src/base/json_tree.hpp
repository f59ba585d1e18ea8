#pragma once

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/json.hpp"
#include "base/json_cursor.hpp"

namespace scena {

/// Builds the value of a document from a JsonCursor: what parse_json() does with nearly every text
/// it gets, in half to two thirds of the library's time. It gives up, without a reason, on what is
/// no JSON, on what `limits` refuse and on what it does not read as the library does (escapes by
/// number, numbers without a type that holds them); then the library's parser judges.
template <class Value>
class JsonTree {
 public:
  /// `text` is valid UTF-8 without NUL.
  static std::optional<Value> read(std::string_view text, const JsonLimits& limits) {
    JsonTree tree(text, limits);
    Value root;
    tree.value(root);
    if (tree.given_up_ || !tree.cursor_.finish()) return std::nullopt;
    return root;
  }

 private:
  using Object = typename Value::object_t;
  using Array = typename Value::array_t;

  JsonTree(std::string_view text, const JsonLimits& limits)
      : cursor_(text), max_depth_(limits.max_depth), careful_(limits.careful) {}

  void value(Value& into) {
    switch (cursor_.peek()) {
      case JsonCursor::Kind::object:
        return object(into);
      case JsonCursor::Kind::array:
        return array(into);
      case JsonCursor::Kind::string:
        into = string(cursor_.text());
        return;
      case JsonCursor::Kind::number:
        return number(cursor_.skip(), into);
      case JsonCursor::Kind::boolean:
        into = cursor_.skip() == "true";
        return;
      case JsonCursor::Kind::null:
        cursor_.skip();
        return;
      case JsonCursor::Kind::none:
        give_up();
    }
  }

  void object(Value& into) {
    if (++depth_ > max_depth_) return give_up();
    into = Value::value_t::object;
    auto& members = into.template get_ref<Object&>();
    cursor_.object([&](std::string_view name) {
      if (given_up_) return;
      if (name.find('\\') != std::string_view::npos) return give_up();
      const std::size_t before = members.size();
      Value& member = members[std::string(name)];
      if (members.size() != before) return value(member);
      if (careful_) return give_up();
      member = nullptr;  // the last one of a name counts
      value(member);
    });
    --depth_;
  }

  void array(Value& into) {
    if (++depth_ > max_depth_) return give_up();
    into = Value::value_t::array;
    auto& elements = into.template get_ref<Array&>();
    cursor_.array([&] {
      if (!given_up_) value(elements.emplace_back());
    });
    --depth_;
  }

  std::string string(const JsonText& text) {
    if (!text.escaped) return std::string(text.raw);
    std::string out;
    if (has_numbered_escape(text.raw)) {
      give_up();
    } else {
      append_unescaped(text.raw, out);
    }
    return out;
  }

  static bool has_numbered_escape(std::string_view raw) noexcept {
    for (std::size_t at = raw.find('\\'); at < raw.size(); at = raw.find('\\', at + 2)) {
      if (raw[at + 1] == 'u') return true;
    }
    return false;
  }

  void number(std::string_view digits, Value& into) {
    const char* end = digits.data() + digits.size();
    const auto read = [&](auto kind) {
      const auto [at, fault] = std::from_chars(digits.data(), end, kind);
      if (fault != std::errc() || at != end) return give_up();
      into = kind;
    };
    if (digits.find_first_of(".eE") != std::string_view::npos) {
      read(typename Value::number_float_t{});
    } else if (digits.starts_with('-')) {
      read(typename Value::number_integer_t{});
    } else {
      read(typename Value::number_unsigned_t{});
    }
  }

  void give_up() noexcept { given_up_ = true; }

  JsonCursor cursor_;
  int max_depth_;
  int depth_ = 0;
  bool careful_;
  bool given_up_ = false;
};

}  // namespace scena
