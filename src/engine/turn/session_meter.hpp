#pragma once

#include <memory>
#include <scena/ext/analyzer.hpp>
#include <scena/message.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"

namespace scena::engine {

/// All analyzers of one session: the built-in metrics and the host's own, as one. An analyzer that
/// throws is left out of the session from then on, and the log says so; scores that are no numbers
/// are left out, too.
class SessionMeter {
 public:
  SessionMeter(const std::vector<std::shared_ptr<Analyzer>>& analyzers, const Logger& log);

  /// One message being measured by all of them.
  class Reading {
   public:
    void add(std::string_view text);
    std::vector<MetricScore> scores();

   private:
    friend class SessionMeter;
    std::vector<std::unique_ptr<Measurement>> parts_;  // in the analyzers' order; null: none
    const Logger* log_ = nullptr;
  };

  Reading begin(const MessageInfo& message);
  /// The message was committed and becomes history.
  void keep(Reading reading);
  void forget_from(std::string_view message);
  /// Measures a stored message again and keeps it: how history comes back after loading.
  std::vector<MetricScore> replay(const Message& message, Duration latency);

 private:
  std::vector<std::unique_ptr<AnalyzerSession>> sessions_;  // null: it threw
  const Logger& log_;
};

}  // namespace scena::engine
