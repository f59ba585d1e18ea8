#include "llm/line_reply.hpp"

namespace scena::llm {
namespace {

bool is_document(std::string_view text) {
  JsonCursor json(text);
  json.skip();
  return json.finish();
}

}  // namespace

void LineReply::feed(std::string_view bytes) {
  if (reply_.done()) return;
  if (const auto result = decoder_.feed(bytes, *this); !result) reply_.fail(result.error());
}

void LineReply::finish(bool orderly) {
  if (reply_.done()) return;
  at_end_ = true;
  if (const auto result = decoder_.finish(*this); !result) return reply_.fail(result.error());
  if (document_.empty() || reply_.done()) return;
  if (is_document(document_)) {
    reader_.read_whole(document_, reply_);
  } else if (orderly && !document_.starts_with('{') && !document_.starts_with('[')) {
    reply_.fail(Error::fixed(ErrorCode::protocol,
                             "the provider's answer is not the JSON that its head says; check "
                             "base_url"));
  }
}

bool LineReply::on_line(std::string_view line) {
  if (reply_.done()) return false;
  if (const auto match = template_.match_payload(line); match.bytes != 0) {
    reader_.read_match(match, reply_);
    return !reply_.done();
  }
  if (!document_.empty() || (!has_line_ && !is_document(line))) {
    keep(line);
    return !reply_.done();
  }
  // Half a line is not the provider's fault but the cut's: the terminal rule decides.
  if (at_end_ && !is_document(line)) return false;
  has_line_ = true;
  const EventReading reading = reader_.read_event({}, line, reply_);
  if (reading.new_state) template_.forget();
  if (reading.frame.text.data() != nullptr) template_.learn(line, line, reading.frame);
  return !reply_.done();
}

void LineReply::keep(std::string_view line) {
  if (document_.size() + line.size() >= max_line_bytes_) {
    return reply_.fail(Error::fixed(ErrorCode::too_large,
                                    "the provider's answer is over the limit; raise "
                                    "max_line_bytes"));
  }
  document_.append(line).append("\n");
}

}  // namespace scena::llm
