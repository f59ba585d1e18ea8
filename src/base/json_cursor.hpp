#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace scena {

/// The inside of a JSON string as it stands in the document, escapes not yet resolved.
struct JsonText {
  std::string_view raw;
  bool escaped = false;  ///< Holds at least one backslash.
  bool ascii = true;     ///< Holds no byte over 0x7F; other bytes are not checked here.
  /// Its escapes were resolved before: half a surrogate pair may stand as its three bytes.
  bool unescaped = false;

  bool present() const noexcept { return raw.data() != nullptr; }
  bool empty() const noexcept { return raw.empty(); }
};

/// The end of a JSON string whose inside starts at `from`: the closing quote, or null when the text
/// ends first, or holds a control character or a wrong escape. Fills `text`.
const char* scan_json_string(const char* from, const char* end, JsonText& text) noexcept;

/// Resolves the escapes of a text that scan_json_string accepted, appending to `out`. Half a
/// surrogate pair is written as its three bytes, for whoever joins pieces to complete. A NUL
/// becomes U+FFFD: behind it C strings would end, and some stores refuse it.
void append_unescaped(std::string_view raw, std::string& out);

/// The text with its escapes resolved likewise, as one piece of a longer one.
std::string unescaped_piece(const JsonText& text);

/// The JSON with `\ufffd` for each escape of half a surrogate pair alone, which parse_json() and
/// other readers refuse.
std::string sound_escapes(std::string_view json);

/// Whether the text is one whole JSON document.
bool is_json_document(std::string_view text) noexcept;

/// Walks over one JSON document without building anything: what provider frames and stored events
/// are read with. Strict grammar, at most 64 levels, strict UTF-8 in what is skipped. Unlike
/// parse_json() it does not look for doubled members. After a fault every function returns nothing;
/// ask ok() at the end.
class JsonCursor {
 public:
  enum class Kind { none, object, array, string, number, boolean, null };

  explicit JsonCursor(std::string_view text) noexcept : at_(text.data()), end_(at_ + text.size()) {}

  Kind peek() noexcept;

  /// Calls member(name) for each member, on the value; what it does not read is skipped. Any other
  /// kind of value is skipped whole.
  template <class Member>
  void object(Member&& member) {
    if (!open(Kind::object)) return;
    if (!take('}')) {
      do {
        const JsonText name = member_name();
        if (failed_) return;
        const char* before = at_;
        member(name.raw);
        if (at_ == before) skip();
      } while (take(','));
      if (!take('}')) return fail();
    }
    --depth_;
  }

  /// Calls element() for each element; otherwise as object().
  template <class Element>
  void array(Element&& element) {
    if (!open(Kind::array)) return;
    if (!take(']')) {
      do {
        peek();
        const char* before = at_;
        element();
        if (at_ == before) skip();
      } while (take(','));
      if (!take(']')) return fail();
    }
    --depth_;
  }

  /// A string's inside; any other kind is skipped and gives an absent text.
  JsonText text();
  /// A number without its fraction; any other kind is skipped and gives nothing.
  std::optional<std::int64_t> integer();
  /// A count: a number of at least 0, rounded to a whole one, or such a number as a text, as some
  /// services send them. Any other value is skipped and gives nothing.
  std::optional<std::int64_t> count();
  /// Skips one value and returns its bytes.
  std::string_view skip();

  bool ok() const noexcept { return !failed_; }
  /// True when the document was sound and nothing but white space follows.
  bool finish() noexcept;

 private:
  static constexpr int kMaxDepth = 64;

  void fail() noexcept {
    failed_ = true;
    at_ = end_;
  }
  void space() noexcept;
  bool take(char c) noexcept;
  bool open(Kind kind);
  JsonText member_name();
  JsonText string(bool check_utf8);
  void number();
  void word(std::string_view expected);

  const char* at_;
  const char* end_;
  int depth_ = 0;
  bool failed_ = false;
};

}  // namespace scena
