#pragma once

#include <algorithm>
#include <cstdint>
#include <scena/ext/provider.hpp>
#include <string_view>

#include "domain/token_meter.hpp"

namespace scena {

/// Everything of one reply that a service bills as output, estimated while it comes: text,
/// reasoning, refusals and calls of tools. Nothing of it is kept.
class ReplyTokens {
 public:
  void text(std::string_view delta) noexcept { text_.add(delta); }
  void reasoning(std::string_view delta) noexcept { reasoning_.add(delta); }
  void tool_start(std::string_view name) noexcept {
    pieces_.add(" ");
    pieces_.add(name);
  }
  void tool_args(std::string_view delta) noexcept { pieces_.add(delta); }
  void tool_end(const ToolCall& call) noexcept {
    calls_.add(" ");
    calls_.add(call.name);
    calls_.add(call.arguments);
  }
  /// What came until now is in that report.
  void reported(const UsageUpdate& usage) noexcept {
    if (usage.output_tokens) reported_at_ = total();
  }

  /// Some services send a call's arguments in pieces, some at its end alone.
  std::int64_t total() const noexcept {
    return text_.tokens() + reasoning_.tokens() + std::max(pieces_.tokens(), calls_.tokens());
  }
  std::int64_t of_reasoning() const noexcept { return reasoning_.tokens(); }
  /// More came than the last report of the service knew of.
  bool passed_report() const noexcept { return total() > reported_at_; }

 private:
  TokenMeter text_, reasoning_, pieces_, calls_;
  std::int64_t reported_at_ = 0;
};

/// What a request used that was billed: what its service told, and for what it did not tell an
/// estimate of the prompt and of what `came`, marked so. What came behind the last report of a
/// reply that is not whole counts, too.
UsageUpdate whole_usage(UsageUpdate told, const ReplyTokens& came, std::int64_t prompt_tokens,
                        Outcome outcome) noexcept;

}  // namespace scena
