#include "llm/array_reply.hpp"

namespace scena::llm {

void ArrayReply::feed(std::string_view bytes) {
  if (reply_.done()) return;
  if (const auto result = decoder_.feed(bytes, *this); !result) reply_.fail(result.error());
}

void ArrayReply::finish() {
  if (!decoder_.closed()) reply_.complete_at_end(false);
}

bool ArrayReply::on_element(std::string_view element) {
  reader_.read_event({}, element, reply_);
  return !reply_.done();
}

}  // namespace scena::llm
