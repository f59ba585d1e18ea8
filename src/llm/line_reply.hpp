#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "llm/delta_template.hpp"
#include "llm/reply_reader.hpp"
#include "net/ndjson.hpp"

namespace scena::llm {

/// Reads an answer that is streamed as a JSON document a line: each by the learned template where
/// it fits, else by the vendor's reader. What begins with a line that is no document by itself is
/// taken for one document over several lines. No I/O, linear.
class LineReply final : private net::NdjsonVisitor {
 public:
  /// Both are borrowed and outlive this object.
  LineReply(ReplyReader& reader, ReplyProgress& reply, std::size_t max_line_bytes) noexcept
      : reader_(reader),
        reply_(reply),
        max_line_bytes_(max_line_bytes),
        decoder_(max_line_bytes) {}

  void feed(std::string_view bytes);
  /// The stream's end: a line without its end is tried once. `orderly`: nothing broke it off, so
  /// that what it held is judged.
  void finish(bool orderly = true);

 private:
  bool on_line(std::string_view line) override;
  void keep(std::string_view line);

  ReplyReader& reader_;
  ReplyProgress& reply_;
  std::size_t max_line_bytes_;
  net::NdjsonDecoder decoder_;
  DeltaTemplate template_;
  std::string document_;  // one that takes several lines
  bool has_line_ = false;
  bool at_end_ = false;
};

}  // namespace scena::llm
