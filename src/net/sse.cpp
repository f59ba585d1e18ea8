#include "net/sse.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>

namespace scena::net {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

Error event_too_large() noexcept {
  return Error::fixed(ErrorCode::too_large,
                      "event stream: an event is over the limit; raise http.max_line_bytes");
}

std::optional<std::chrono::milliseconds> parse_retry(std::string_view digits) noexcept {
  if (digits.empty()) return std::nullopt;
  std::int64_t value = 0;
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  for (char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value > (kMost - 9) / 10 ? kMost : value * 10 + (c - '0');
  }
  return std::chrono::milliseconds(value);
}

}  // namespace

struct SseDecoder::Read {
  std::string_view bytes;
  SseVisitor& visitor;
  std::size_t position = 0;
  std::size_t event_start = std::string_view::npos;  // npos: the event began in an earlier read
  std::size_t next_lf = 0;
  std::size_t next_cr = 0;
  bool carried = false;  // the line in hand lies in carry_, not in `bytes`

  // Both searches go on where they ended, so that a stream without CR, or without LF, stays linear.
  std::size_t line_end() {
    if (next_lf < position || next_lf == 0) next_lf = find('\n');
    if (next_cr < position || next_cr == 0) next_cr = find('\r');
    return std::min(next_lf, next_cr);
  }

 private:
  std::size_t find(char c) const noexcept {
    if (position >= bytes.size()) return std::string_view::npos;
    const void* found = std::memchr(bytes.data() + position, c, bytes.size() - position);
    if (found == nullptr) return std::string_view::npos;
    return static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
  }
};

Result<void> SseDecoder::feed(std::string_view bytes, SseVisitor& visitor) {
  if (too_large_) return event_too_large();
  if (stopped_) return {};
  Read read{bytes, visitor};
  if (mark_ < kMarkDone) read.position = skip_mark(bytes);
  while (read.position < bytes.size()) {
    if (skip_lf_) {
      skip_lf_ = false;
      if (bytes[read.position] == '\n') {
        ++read.position;
        continue;
      }
    }
    if (at_boundary()) {
      read.position +=
          std::min(visitor.on_boundary(bytes.substr(read.position)), bytes.size() - read.position);
      if (read.position == bytes.size()) break;
      read.event_start = read.position;
    }
    const std::size_t end = read.line_end();
    const std::string_view piece =
        bytes.substr(read.position, std::min(end, bytes.size()) - read.position);
    if (carry_.size() + piece.size() > max_event_bytes_) {
      too_large_ = true;
      return event_too_large();
    }
    if (end == std::string_view::npos) {
      carry_.append(piece);
      break;
    }
    read.position = end + 1;
    if (bytes[end] == '\r') {
      skip_lf_ = read.position == bytes.size();
      if (!skip_lf_ && bytes[read.position] == '\n') ++read.position;
    }
    read.carried = !carry_.empty();
    if (read.carried) carry_.append(piece);
    const bool go_on = take_line(read.carried ? std::string_view(carry_) : piece, read);
    if (read.carried) carry_.clear();
    if (too_large_) return event_too_large();
    if (!go_on) {
      stopped_ = true;
      return {};
    }
  }
  keep_data();
  return {};
}

Result<void> SseDecoder::finish(SseRest rest, SseVisitor& visitor) {
  if (too_large_) return event_too_large();
  if (!stopped_ && rest == SseRest::deliver) {
    Read read{{}, visitor};
    read.carried = true;
    bool go_on = true;
    if (!carry_.empty()) go_on = take_line(carry_, read);
    if (too_large_) return event_too_large();
    keep_data();
    if (go_on) dispatch(read);
  }
  stopped_ = true;
  carry_ = {};
  data_ = {};
  return {};
}

// A mark may be cut as well; bytes that only looked like one belong to the first line.
std::size_t SseDecoder::skip_mark(std::string_view bytes) {
  std::size_t used = 0;
  while (mark_ < kMarkDone && used < bytes.size()) {
    if (mark_ < kByteOrderMark.size() && bytes[used] == kByteOrderMark[mark_]) {
      ++mark_;
      ++used;
      continue;
    }
    if (mark_ < kByteOrderMark.size()) carry_.assign(kByteOrderMark.substr(0, mark_));
    mark_ = kMarkDone;
  }
  return used;
}

bool SseDecoder::take_line(std::string_view line, Read& read) {
  if (line.empty()) return dispatch(read);
  fresh_ = false;
  const std::size_t colon = line.find(':');
  if (colon == 0) return true;
  const std::string_view name = line.substr(0, colon);
  std::string_view value;
  if (colon != std::string_view::npos) value = line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (take_field(name, value, read)) return true;
  return name == "error" ? read.visitor.on_error_field(value) : read.visitor.on_other_line(line);
}

// False when the standard knows no such field.
bool SseDecoder::take_field(std::string_view name, std::string_view value, const Read& read) {
  if (name == "data") {
    add_data(value, !read.carried);
  } else if (name == "event") {
    type_.assign(value);
  } else if (name == "id") {
    if (value.find('\0') == std::string_view::npos) id_.assign(value);
  } else if (name == "retry") {
    if (const auto time = parse_retry(value)) retry_ = time;
  } else {
    return false;
  }
  return true;
}

void SseDecoder::add_data(std::string_view value, bool stable) {
  if (!has_data_ && stable) {
    view_ = value;
    in_view_ = true;
  } else {
    keep_data();
    if (data_.size() + value.size() + 1 > max_event_bytes_) {
      too_large_ = true;
      return;
    }
    if (has_data_) data_ += '\n';
    data_.append(value);
  }
  has_data_ = true;
}

bool SseDecoder::dispatch(Read& read) {
  last_id_ = id_;
  fresh_ = true;
  if (!has_data_) {
    type_.clear();
    return true;
  }
  SseEvent event;
  event.type = type_.empty() ? std::string_view("message") : std::string_view(type_);
  event.data = in_view_ ? view_ : std::string_view(data_);
  event.last_id = last_id_;
  if (read.event_start != std::string_view::npos) {
    event.raw = read.bytes.substr(read.event_start, read.position - read.event_start);
  }
  const bool go_on = read.visitor.on_event(event);
  has_data_ = false;
  in_view_ = false;
  data_.clear();
  type_.clear();
  return go_on;
}

// The read's bytes go away: what the open event holds of them is copied.
void SseDecoder::keep_data() {
  if (!in_view_) return;
  data_.assign(view_);
  in_view_ = false;
}

}  // namespace scena::net
