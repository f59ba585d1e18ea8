#include "net/json_array.hpp"

#include "base/text.hpp"

namespace scena::net {
namespace {

bool is_space(char c) noexcept {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

}  // namespace

Result<void> JsonArrayDecoder::check() const {
  if (place_ == Place::too_large) {
    return Error::fixed(ErrorCode::too_large,
                        "JSON array: an element is over the limit; raise http.max_line_bytes");
  }
  if (place_ == Place::broken)
    return Error::fixed(ErrorCode::protocol, "the provider's answer is not a JSON array");
  return {};
}

Result<void> JsonArrayDecoder::feed(std::string_view bytes, JsonArrayVisitor& visitor) {
  std::size_t from = 0;  // of the element in hand
  for (std::size_t at = 0; at < bytes.size() && place_ < Place::behind; ++at) {
    if (place_ != Place::inside) {
      take_between(bytes[at]);
      from = at;
    }
    if (place_ != Place::inside) continue;
    if (carry_.size() + (at - from) >= max_element_bytes_) {
      place_ = Place::too_large;
      break;
    }
    const Step step = this->step(bytes[at]);
    if (step == Step::more) continue;
    const std::string_view piece = bytes.substr(from, at - from + (step == Step::last));
    if (!carry_.empty()) carry_.append(piece);
    const bool go_on = visitor.on_element(trim(carry_.empty() ? piece : std::string_view(carry_)));
    carry_.clear();
    place_ = go_on ? Place::between : Place::stopped;
    if (go_on && step == Step::behind) take_between(bytes[at]);
  }
  if (place_ == Place::inside) carry_.append(bytes.substr(from));
  return check();
}

void JsonArrayDecoder::take_between(char c) noexcept {
  if (is_space(c)) return;
  if (place_ == Place::before) {
    place_ = c == '[' ? Place::between : Place::broken;
  } else if (c == ']') {
    place_ = Place::behind;
  } else if (c == '}') {
    place_ = Place::broken;
  } else if (c != ',') {
    place_ = Place::inside;
  }
}

// What one byte is to the element in hand; a bare number or word ends before the byte behind it.
JsonArrayDecoder::Step JsonArrayDecoder::step(char c) noexcept {
  if (in_string_) {
    const bool closes = c == '"' && !escaped_;
    escaped_ = c == '\\' && !escaped_;
    in_string_ = !closes;
    return closes && depth_ == 0 ? Step::last : Step::more;
  }
  if (c == '"') in_string_ = true;
  if (c == '{' || c == '[') ++depth_;
  if (c == ',' && depth_ == 0) return Step::behind;
  if (c != '}' && c != ']') return Step::more;
  if (depth_ == 0) return Step::behind;
  return --depth_ == 0 ? Step::last : Step::more;
}

}  // namespace scena::net
