#include "llm/line_reply.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "llm/provider_failure.hpp"

namespace scena::llm {

void LineReply::feed(std::string_view bytes) {
  while (!bytes.empty() && !reply_.done()) {
    if (const std::size_t used = match_lines(bytes); used != 0) {
      bytes.remove_prefix(used);
      continue;
    }
    const std::size_t line = std::min(bytes.find('\n'), bytes.size() - 1) + 1;
    if (const auto result = decoder_.feed(bytes.substr(0, line), *this); !result)
      reply_.fail(result.error());
    bytes.remove_prefix(line);
  }
}

// Usually a read is whole lines that look like the ones before.
std::size_t LineReply::match_lines(std::string_view bytes) {
  if (!template_.learned() || !decoder_.at_boundary()) return 0;
  std::size_t used = 0;
  while (!reply_.done()) {
    const auto match = template_.match(bytes.substr(used));
    const std::size_t end = used + match.bytes;
    if (match.bytes == 0 || end == bytes.size() || bytes[end] != '\n') break;
    used = end + 1;
    reader_.read_match(match, reply_);
  }
  return used;
}

void LineReply::finish(bool orderly) {
  if (reply_.done()) return;
  at_end_ = true;
  if (const auto result = decoder_.finish(*this); !result) return reply_.fail(result.error());
  if (document_.empty() || reply_.done()) return;
  if (document_.starts_with('[') && parse_failure(document_).is_error) {
    reply_.fail(provider_failure(0, parse_failure(document_), reply_.secrets()));
  } else if (is_json_document(document_)) {
    reader_.read_whole(document_, reply_);
  } else if (orderly && !document_.starts_with('{') && !document_.starts_with('[')) {
    reply_.fail(not_a_reply("the provider's answer is not the JSON that its head says", document_));
  }
}

bool LineReply::on_line(std::string_view line) {
  if (reply_.done()) return false;
  if (const auto match = template_.match_payload(line); match.bytes != 0) {
    reader_.read_match(match, reply_);
    return !reply_.done();
  }
  if (!document_.empty() || (!has_line_ && !is_json_document(line))) {
    keep(line);
    return !reply_.done();
  }
  // Half a line is not the provider's fault but the cut's: the terminal rule decides.
  if (at_end_ && !is_json_document(line)) return false;
  has_line_ = true;
  const std::string_view begin = trim(line).substr(0, 1);
  if (begin != "{" && begin != "[") {
    reply_.fail(llm::not_json("the provider sent a line that is not valid JSON", line));
    return false;
  }
  // No service sends a list but for a failure.
  if (line.front() == '[' && parse_failure(line).is_error) {
    reply_.fail(provider_failure(0, parse_failure(line), reply_.secrets()));
    return false;
  }
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
