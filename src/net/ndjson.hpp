#pragma once

#include <cstddef>
#include <scena/result.hpp>
#include <string>
#include <string_view>

namespace scena::net {

/// Receives the lines of an NdjsonDecoder. Views are valid during the call only.
class NdjsonVisitor {
 public:
  virtual ~NdjsonVisitor() = default;
  /// One line without its end, never blank. False ends the decoding.
  virtual bool on_line(std::string_view line) = 0;
};

/// Newline-delimited JSON from bytes cut anywhere: LF or CRLF ends a line, blank lines are skipped,
/// the last line may lack its end. Lines are cut out, not parsed. Linear; only a line at a cut is
/// copied.
class NdjsonDecoder {
 public:
  /// A line over `max_line_bytes` is ErrorCode::too_large.
  explicit NdjsonDecoder(std::size_t max_line_bytes = 1u << 20) noexcept
      : max_line_bytes_(max_line_bytes) {}

  /// True between two lines: a visitor that knows how they look may take whole ones itself, without
  /// feeding them.
  bool at_boundary() const noexcept { return carry_.empty() && !stopped_ && !too_large_; }

  /// After an error every further call returns it again.
  Result<void> feed(std::string_view bytes, NdjsonVisitor& visitor);
  /// The end of the stream: delivers a last line without an end.
  Result<void> finish(NdjsonVisitor& visitor);

 private:
  void take_line(std::string_view line, NdjsonVisitor& visitor);

  std::size_t max_line_bytes_;
  std::string carry_;
  bool stopped_ = false;
  bool too_large_ = false;
};

}  // namespace scena::net
