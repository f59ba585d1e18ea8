#include <algorithm>
#include <scena/metrics.hpp>

#include "base/json.hpp"
#include "base/text.hpp"
#include "metrics/builtin.hpp"
#include "metrics/history.hpp"
#include "metrics/meter_json.hpp"

namespace scena {

class Meter::Impl {
 public:
  std::vector<MetricScore> measure(const MeasureInput& input) const {
    const auto session = analyzer_->open_session();
    const std::size_t count = input.history.size();
    constexpr std::size_t kept = metrics::History::kMaxMessages;
    for (std::size_t i = count - std::min(count, kept); i < count; ++i)
      say(*session, std::to_string(i), input.history[i].self, input.history[i].text);
    if (!input.question.empty() && !ends_with_question(input))
      say(*session, "question", false, input.question);
    const auto measurement = begin(*session, "text", true, input.text);
    std::vector<MetricScore> scores;
    measurement->scores(scores);
    return scores;
  }

 private:
  // The question may stand in the history, too; it is one message.
  static bool ends_with_question(const MeasureInput& input) noexcept {
    return !input.history.empty() && !input.history.back().self &&
           input.history.back().text == input.question;
  }

  static std::unique_ptr<Measurement> begin(AnalyzerSession& session, std::string id, bool self,
                                            std::string_view text) {
    MessageInfo info;
    info.id = std::move(id);
    info.speaker = self ? "self" : "other";
    auto measurement = session.begin(info);
    if (is_valid_utf8(text)) {
      measurement->add(text);
    } else {
      measurement->add(utf8_repair(text));
    }
    return measurement;
  }

  static void say(AnalyzerSession& session, std::string id, bool self, std::string_view text) {
    session.keep(begin(session, std::move(id), self, text));
  }

  std::unique_ptr<Analyzer> analyzer_ = metrics::make_builtin_analyzer({}).value_or_throw();
};

Meter::Meter() : impl_(std::make_unique<Impl>()) {}
Meter::Meter(Meter&& other) noexcept = default;
Meter& Meter::operator=(Meter&& other) noexcept = default;
Meter::~Meter() = default;

std::vector<MetricScore> Meter::measure(const MeasureInput& input) const {
  return impl_->measure(input);
}

Result<std::string> Meter::measure_json(std::string_view line) const {
  const auto document = metrics::parse_measure_line(line);
  if (!document) return document.error();
  const auto input = metrics::measure_input(*document);
  if (!input) return input.error();
  return metrics::measure_output(*document, impl_->measure(*input));
}

}  // namespace scena
