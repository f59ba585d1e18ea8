#include "net/ndjson.hpp"

#include "base/text.hpp"

namespace scena::net {
namespace {

Error line_too_large() noexcept {
  return Error::fixed(ErrorCode::too_large,
                      "line stream: a line is over the limit; raise http.max_line_bytes");
}

}  // namespace

Result<void> NdjsonDecoder::feed(std::string_view bytes, NdjsonVisitor& visitor) {
  if (too_large_) return line_too_large();
  while (!stopped_ && !bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    if (carry_.size() + piece.size() > max_line_bytes_) {
      too_large_ = true;
      return line_too_large();
    }
    if (end == std::string_view::npos) {
      carry_.append(piece);
      break;
    }
    bytes.remove_prefix(end + 1);
    if (carry_.empty()) {
      take_line(piece, visitor);
    } else {
      carry_.append(piece);
      take_line(carry_, visitor);
      carry_.clear();
    }
  }
  return {};
}

Result<void> NdjsonDecoder::finish(NdjsonVisitor& visitor) {
  if (too_large_) return line_too_large();
  if (!stopped_) take_line(carry_, visitor);
  stopped_ = true;
  carry_ = {};
  return {};
}

void NdjsonDecoder::take_line(std::string_view line, NdjsonVisitor& visitor) {
  if (trim(line).empty()) return;
  if (line.ends_with('\r')) line.remove_suffix(1);
  stopped_ = !visitor.on_line(line);
}

}  // namespace scena::net
