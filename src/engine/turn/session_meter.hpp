#pragma once

#include <memory>
#include <scena/ext/analyzer.hpp>
#include <scena/message.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace scena::engine {

/// All analyzers of one session: the built-in metrics and the host's own, as one.
class SessionMeter {
 public:
  explicit SessionMeter(const std::vector<std::shared_ptr<Analyzer>>& analyzers);

  /// One message being measured by all of them.
  class Reading {
   public:
    void add(std::string_view text);
    std::vector<MetricScore> scores();

   private:
    friend class SessionMeter;
    std::vector<std::unique_ptr<Measurement>> parts_;
  };

  Reading begin(const MessageInfo& message);
  /// The message was committed and becomes history.
  void keep(Reading reading);
  void forget_from(std::string_view message);
  /// Measures a stored message again and keeps it: how history comes back after loading.
  std::vector<MetricScore> replay(const Message& message, Duration latency);

 private:
  std::vector<std::unique_ptr<AnalyzerSession>> sessions_;
};

}  // namespace scena::engine
