#pragma once

#include <cstddef>
#include <string_view>

#include "llm/reply_reader.hpp"
#include "net/json_array.hpp"

namespace scena::llm {

/// Reads an answer that is streamed as one JSON array: each element by the vendor's reader as soon
/// as it is whole. No I/O, linear.
class ArrayReply final : private net::JsonArrayVisitor {
 public:
  /// Both are borrowed and outlive this object.
  ArrayReply(ReplyReader& reader, ReplyProgress& reply, std::size_t max_element_bytes) noexcept
      : reader_(reader), reply_(reply), decoder_(max_element_bytes) {}

  void feed(std::string_view bytes);
  /// The stream's end. Without the array's own end the reply is not complete.
  void finish();

 private:
  bool on_element(std::string_view element) override;

  ReplyReader& reader_;
  ReplyProgress& reply_;
  net::JsonArrayDecoder decoder_;
};

}  // namespace scena::llm
