#include "llm/backends/fault/fault_answer.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>

#include "base/text.hpp"

namespace scena::fault {
namespace {

const char* reason_of(int status) noexcept {
  switch (status) {
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 302:
      return "Found";
    case 307:
      return "Temporary Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 413:
      return "Payload Too Large";
    case 429:
      return "Too Many Requests";
    case 500:
      return "Internal Server Error";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 529:
      return "Overloaded";
    default:
      return "Status";
  }
}

std::string head_of(const FaultDraft& draft, std::size_t body_bytes) {
  std::string head = draft.before_head;
  head += fmt::format("HTTP/1.1 {} {}\r\n", draft.status, reason_of(draft.status));
  for (const auto& [name, value] : draft.fields) head += fmt::format("{}: {}\r\n", name, value);
  if (draft.gzip) head += "content-encoding: gzip\r\n";
  if (draft.framing == BodyFraming::chunked) head += "transfer-encoding: chunked\r\n";
  if (draft.framing == BodyFraming::length) {
    head += fmt::format("content-length: {}\r\n", draft.announced_length.value_or(body_bytes));
  }
  if (draft.framing == BodyFraming::close || draft.ending != FaultEnding::keep_alive) {
    head += "connection: close\r\n";
  }
  return head + "\r\n";
}

std::vector<FaultPiece> body_pieces(const FaultDraft& draft,
                                    std::optional<std::size_t>& repeat_from) {
  std::vector<FaultPiece> pieces;
  auto add = [&pieces](std::chrono::milliseconds wait, std::string bytes) {
    if (!bytes.empty()) pieces.push_back({wait, std::move(bytes)});
  };
  if (draft.whole_body) {
    add({}, *draft.whole_body);
    return pieces;
  }
  add({}, draft.before_events);
  for (std::size_t i = 0; i < draft.events.size(); ++i) {
    if (draft.repeat_event == i) repeat_from = pieces.size();
    add(draft.events[i].wait, frame_event(draft, draft.events[i]));
  }
  add({}, draft.after_events);
  return pieces;
}

std::string joined(const std::vector<FaultPiece>& pieces) {
  std::string bytes;
  for (const FaultPiece& piece : pieces) bytes += piece.bytes;
  return bytes;
}

std::vector<FaultPiece> cut_in_pieces(std::string_view bytes, std::size_t size) {
  std::vector<FaultPiece> pieces;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(size, bytes.size()))) {
    pieces.push_back({{}, std::string(bytes.substr(0, size))});
  }
  return pieces;
}

// Keeps the waits of what is left.
void keep_bytes(std::vector<FaultPiece>& pieces, std::size_t limit) {
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (pieces[i].bytes.size() >= limit) {
      pieces[i].bytes.resize(limit);
      pieces.resize(limit == 0 ? i : i + 1);
      return;
    }
    limit -= pieces[i].bytes.size();
  }
}

void add_chunk_marks(const FaultDraft& draft, std::vector<FaultPiece>& pieces, bool whole) {
  for (FaultPiece& piece : pieces) {
    piece.bytes = fmt::format("{:x}\r\n", piece.bytes.size()) + piece.bytes + "\r\n";
  }
  if (draft.last_chunk && whole) pieces.push_back({{}, "0\r\n" + draft.trailers + "\r\n"});
}

}  // namespace

std::string FaultAnswer::bytes() const {
  return joined(pieces);
}

void FaultDraft::set_field(std::string name, std::string value) {
  for (auto& [field, content] : fields) {
    if (!equals_ignore_case(field, name)) continue;
    content = std::move(value);
    return;
  }
  fields.emplace_back(std::move(name), std::move(value));
}

std::string frame_event(const FaultDraft& draft, const SseEvent& event) {
  if (!event.raw.empty()) return event.raw;
  if (draft.lines) return event.data + draft.line_end;
  const std::string colon = draft.space_after_colon ? ": " : ":";
  std::string bytes;
  if (!event.name.empty()) bytes += "event" + colon + event.name + draft.line_end;
  return bytes + "data" + colon + event.data + draft.line_end + draft.line_end;
}

Result<std::string> gzip(std::string_view bytes) {
  constexpr int kGzipWindow = 15 + 16;
  const Error broken = Error::fixed(ErrorCode::internal, "compressing an answer failed");
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, 8,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return broken;
  }
  std::string out(deflateBound(&stream, bytes.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) return broken;
  return out;
}

Result<FaultAnswer> render(const FaultDraft& draft) {
  FaultAnswer answer;
  answer.ending = draft.ending;
  if (draft.raw) {
    answer.pieces.push_back({draft.head_wait, *draft.raw});
    return answer;
  }
  std::vector<FaultPiece> body = body_pieces(draft, answer.repeat_from);
  if (draft.gzip) {
    auto packed = gzip(joined(body));
    if (!packed) return packed.error();
    body = cut_in_pieces(*packed, draft.split > 0 ? draft.split : 64);
  } else if (draft.split > 0) {
    body = cut_in_pieces(joined(body), draft.split);
  } else if (draft.one_piece) {
    body = cut_in_pieces(joined(body), std::string::npos);
  }
  std::size_t total = 0;
  for (const FaultPiece& piece : body) total += piece.bytes.size();
  const bool whole = !draft.body_limit || *draft.body_limit > total;
  if (!whole) {
    keep_bytes(body, *draft.body_limit);
    if (answer.ending == FaultEnding::keep_alive) answer.ending = FaultEnding::close;
  }
  if (draft.framing == BodyFraming::close && answer.ending == FaultEnding::keep_alive) {
    answer.ending = FaultEnding::close;
  }
  if (draft.framing == BodyFraming::chunked) add_chunk_marks(draft, body, whole);
  answer.pieces.push_back({draft.head_wait, head_of(draft, total)});
  std::move(body.begin(), body.end(), std::back_inserter(answer.pieces));
  if (answer.repeat_from) ++*answer.repeat_from;
  if (answer.repeat_from && *answer.repeat_from >= answer.pieces.size()) answer.repeat_from.reset();
  return answer;
}

}  // namespace scena::fault
