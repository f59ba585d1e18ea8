#include "base/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/json_tree.hpp"
#include "base/secret.hpp"
#include "base/text.hpp"

namespace scena {
namespace {

// The member names of one object. A handful is compared one by one; a set of its own for every
// small object would cost more than reading it.
class MemberNames {
 public:
  bool insert(const std::string& name) {
    if (few_.size() < kFew) {
      if (std::find(few_.begin(), few_.end(), name) != few_.end()) return false;
      few_.push_back(name);
      return true;
    }
    if (many_.empty()) many_.insert(few_.begin(), few_.end());
    return many_.insert(name).second;
  }

 private:
  static constexpr std::size_t kFew = 16;
  std::vector<std::string> few_;
  std::unordered_set<std::string> many_;
};

// Builds the value through nlohmann's SAX interface, so that depth and duplicates are refused while
// reading: the library parses what it cannot write.
template <class Value>
class StrictBuilder {
 public:
  StrictBuilder(Value& root, const JsonLimits& limits)
      : builder_(root, false),
        max_depth_(limits.max_depth),
        careful_(limits.careful),
        reads_on_(limits.secret) {}

  bool null() { return refused() || builder_.null(); }
  bool boolean(bool value) { return refused() || builder_.boolean(value); }
  bool number_integer(Json::number_integer_t value) {
    return refused() || builder_.number_integer(value);
  }
  bool number_unsigned(Json::number_unsigned_t value) {
    return refused() || builder_.number_unsigned(value);
  }
  bool number_float(Json::number_float_t value, const Json::string_t& text) {
    return refused() || builder_.number_float(value, text);
  }
  bool string(Json::string_t& value) {
    if (reason_) return true;
    if (careful_ && value.find('\0') != Json::string_t::npos) return refuse("a string holds a NUL");
    return builder_.string(value);
  }
  bool binary(Json::binary_t& value) { return refused() || builder_.binary(value); }
  bool start_object(std::size_t size) {
    if (reason_) return true;
    if (++depth_ > max_depth_) return refuse("nested too deeply");
    if (careful_) keys_.emplace_back();
    return builder_.start_object(size);
  }
  bool key(Json::string_t& name) {
    if (reason_) return true;
    if (careful_ && name.find('\0') != Json::string_t::npos)
      return refuse("a member name holds a NUL");
    if (careful_ && !keys_.back().insert(name))
      return refuse(is_plain(name)
                        ? fmt::format("the member \"{}\" occurs twice", utf8_truncate(name, 64))
                        : "a member occurs twice");
    return builder_.key(name);
  }
  bool end_object() {
    if (reason_) return true;
    --depth_;
    if (careful_) keys_.pop_back();
    return builder_.end_object();
  }
  bool start_array(std::size_t size) {
    if (reason_) return true;
    if (++depth_ > max_depth_) return refuse("nested too deeply");
    return builder_.start_array(size);
  }
  bool end_array() {
    if (reason_) return true;
    --depth_;
    return builder_.end_array();
  }
  template <class Exception>
  bool parse_error(std::size_t position, const std::string&, const Exception&) {
    position_ = position;
    return false;
  }

  bool refused() const noexcept { return reason_.has_value(); }
  /// `before`: bytes in front of the document, which has `size` bytes.
  std::string fault(std::size_t before, std::size_t size) const {
    if (reason_) return *reason_;
    const std::size_t position = position_ > before ? position_ - before : 0;
    return fmt::format("not valid JSON near byte {}", std::min(position, size + 1));
  }

 private:
  static bool is_plain(std::string_view name) noexcept {
    return std::none_of(name.begin(), name.end(), [](char c) {
      return static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '"';
    });
  }
  bool refuse(std::string reason) {
    reason_ = std::move(reason);
    return reads_on_;
  }

  nlohmann::detail::json_sax_dom_parser<Value> builder_;
  int max_depth_;
  bool careful_;
  bool reads_on_;  // so that the lexer comes to the end, where its buffers are written over
  int depth_ = 0;
  std::vector<MemberNames> keys_;
  std::optional<std::string> reason_;
  std::size_t position_ = 0;
};

// What the library's lexer reads goes through two buffers of its own, which grow by copying. With a
// string as long as the document in front they never grow while the document is read, and one
// behind it is written over what the document left in them.
class Padded {
 public:
  explicit Padded(std::string_view text) : before_(text.size() + 4) {
    text_.reserve(2 * before_ + text.size());
    text_.append("[\"").append(text.size(), ' ').append("\",");
    text_.append(text).append(",\"").append(text.size(), ' ').append("\"]");
  }
  ~Padded() { wipe(text_); }
  Padded(const Padded&) = delete;
  Padded& operator=(const Padded&) = delete;

  std::string_view text() const noexcept { return text_; }
  std::size_t before() const noexcept { return before_; }

 private:
  std::size_t before_;
  std::string text_;
};

// The document with spaces for what its strings hold, escapes aside. Where it is no JSON, neither
// is this, at the same byte: the lexer stops there with whatever it has read.
std::string blanked(std::string_view text) {
  std::string blank(text);
  bool inside = false;
  for (std::size_t i = 0; i < blank.size(); ++i) {
    const char c = blank[i];
    if (c == '"') {
      inside = !inside;
    } else if (inside && c == '\\') {
      i += text.substr(i + 1, 1) == "u" ? 5 : 1;
    } else if (inside && static_cast<unsigned char>(c) >= 0x20) {
      blank[i] = ' ';
    }
  }
  return blank;
}

template <class Value>
void wipe_strings(Value& value) noexcept {
  if (value.is_string()) return wipe(value.template get_ref<std::string&>());
  if (value.is_structured()) {
    for (auto& item : value) wipe_strings(item);
  }
}

template <class Value>
Result<Value> parse_strictly(std::string_view text, JsonLimits limits) {
  if (text.size() > limits.max_bytes) {
    return Error(ErrorCode::too_large, fmt::format("JSON document of {} bytes; the limit is {}",
                                                   text.size(), limits.max_bytes));
  }
  // Checked first: the library takes a NUL behind the document for its end.
  if (text.find('\0') != std::string_view::npos) {
    return Error::fixed(ErrorCode::invalid_argument, "JSON: a NUL byte is not allowed");
  }
  if (!is_valid_utf8(text)) {
    return Error::fixed(ErrorCode::invalid_argument, "JSON: not valid UTF-8");
  }
  if (text.starts_with("\xEF\xBB\xBF")) {
    return Error::fixed(ErrorCode::invalid_argument, "JSON: remove the byte-order mark");
  }
  // A secret's text goes through the library's lexer, which is known to leave nothing behind.
  if (!limits.secret) {
    if (auto tree = JsonTree<Value>::read(text, limits)) return std::move(*tree);
  }
  try {
    Value root;
    std::optional<Padded> padded;
    if (limits.secret) {
      JsonLimits plain = limits;
      plain.secret = plain.careful = false;
      std::string blank = blanked(text);
      const auto form = parse_strictly<Value>(blank, plain);
      wipe(blank);
      if (!form) return form.error();
      padded.emplace(text);
      ++limits.max_depth;
    }
    const std::size_t before = padded ? padded->before() : 0;
    StrictBuilder<Value> builder(root, limits);
    const bool parsed = Value::sax_parse(padded ? padded->text() : text, &builder);
    if (parsed && !padded) return root;
    // More than three is more than one document.
    if (parsed && !builder.refused() && root.size() == 3) return Value(std::move(root[1]));
    wipe_strings(root);
    return Error(ErrorCode::invalid_argument, "JSON: " + builder.fault(before, text.size()));
  } catch (const nlohmann::json::exception&) {
    return Error::fixed(ErrorCode::invalid_argument, "JSON: a number is out of range");
  }
}

}  // namespace

Result<Json> parse_json(std::string_view text, JsonLimits limits) {
  return parse_strictly<Json>(text, limits);
}

Result<OrderedJson> parse_json_ordered(std::string_view text, JsonLimits limits) {
  return parse_strictly<OrderedJson>(text, limits);
}

void wipe(Json& value) noexcept {
  wipe_strings(value);
}

std::string dump_json(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string dump_json(const OrderedJson& value) {
  return value.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

std::string json_pointer(std::string_view parent, std::string_view token) {
  std::string pointer(parent);
  pointer += '/';
  for (char c : token) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
  return pointer;
}

}  // namespace scena
