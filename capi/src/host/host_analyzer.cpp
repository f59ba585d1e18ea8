// Metrics of a host.
#include <cmath>

#include "base/json_writer.hpp"
#include "host/extensions.hpp"

/// Where a host puts the scores of one message.
struct scena_scores {
  std::vector<scena::MetricScore>& out;
  std::string_view analyzer;
  std::size_t first;  // of those in `out` that this analyzer added
};

namespace scena::capi {
namespace {

// A table and its user data, shared by all that the engine makes of it.
struct AnalyzerTable {
  explicit AnalyzerTable(const scena_analyzer& given)
      : table(given), data(given.user_data, given.destroy), name(given.name) {}
  scena_analyzer table;
  UserData data;
  std::string name;
};

// The host's memory of one session; measurements keep it, so that it is closed behind them.
struct HostMemory {
  explicit HostMemory(std::shared_ptr<const AnalyzerTable> shared)
      : of(std::move(shared)),
        session(of->table.open_session ? of->table.open_session(of->data.get()) : nullptr) {}
  HostMemory(const HostMemory&) = delete;
  HostMemory& operator=(const HostMemory&) = delete;
  ~HostMemory() {
    if (of->table.close_session) of->table.close_session(of->data.get(), session);
  }
  std::shared_ptr<const AnalyzerTable> of;
  void* session;
};

std::string describe(const MessageInfo& message) {
  std::string json;
  JsonWriter writer(json);
  writer.begin_object().member("id", message.id).member("speaker", message.speaker);
  writer.member("from_human", message.from_human);
  writer.member("time", static_cast<std::int64_t>(message.time.time_since_epoch().count()));
  writer.member(
      "latency_us",
      static_cast<std::int64_t>(
          std::chrono::duration_cast<std::chrono::microseconds>(message.latency).count()));
  writer.end_object();
  return json;
}

class HostMeasurement final : public Measurement {
 public:
  HostMeasurement(std::shared_ptr<HostMemory> memory, const MessageInfo& message)
      : memory_(std::move(memory)) {
    const scena_analyzer& table = memory_->of->table;
    if (table.begin)
      measured_ = table.begin(memory_->of->data.get(), memory_->session, describe(message).c_str());
  }
  HostMeasurement(const HostMeasurement&) = delete;
  HostMeasurement& operator=(const HostMeasurement&) = delete;
  ~HostMeasurement() override {
    const scena_analyzer& table = memory_->of->table;
    if (!is_kept_ && table.discard)
      table.discard(memory_->of->data.get(), memory_->session, measured_);
  }

  void add(std::string_view text) override {
    piece_ = text;  // ends in NUL
    memory_->of->table.add(memory_->of->data.get(), measured_, piece_.c_str(), piece_.size());
  }
  void scores(std::vector<MetricScore>& out) override {
    scena_scores scores{out, memory_->of->name, out.size()};
    memory_->of->table.scores(memory_->of->data.get(), measured_, &scores);
  }
  void keep() {
    const scena_analyzer& table = memory_->of->table;
    if (!table.keep) return;
    is_kept_ = true;
    table.keep(memory_->of->data.get(), memory_->session, measured_);
  }

 private:
  std::shared_ptr<HostMemory> memory_;
  void* measured_ = nullptr;
  std::string piece_;
  bool is_kept_ = false;
};

class HostAnalyzerSession final : public AnalyzerSession {
 public:
  explicit HostAnalyzerSession(std::shared_ptr<const AnalyzerTable> shared)
      : memory_(std::make_shared<HostMemory>(std::move(shared))) {}

  std::unique_ptr<Measurement> begin(const MessageInfo& message) override {
    return std::make_unique<HostMeasurement>(memory_, message);
  }
  void keep(std::unique_ptr<Measurement> measurement) override {
    static_cast<HostMeasurement&>(*measurement).keep();
  }
  void forget_from(std::string_view message_id) override {
    const scena_analyzer& table = memory_->of->table;
    if (!table.forget_from) return;
    table.forget_from(memory_->of->data.get(), memory_->session, std::string(message_id).c_str());
  }

 private:
  std::shared_ptr<HostMemory> memory_;
};

class HostAnalyzer final : public Analyzer {
 public:
  explicit HostAnalyzer(const scena_analyzer& table)
      : shared_(std::make_shared<const AnalyzerTable>(table)) {}

  std::string_view name() const noexcept override { return shared_->name; }
  std::unique_ptr<AnalyzerSession> open_session() const override {
    return std::make_unique<HostAnalyzerSession>(shared_);
  }

 private:
  std::shared_ptr<const AnalyzerTable> shared_;
};

}  // namespace

std::shared_ptr<Analyzer> make_analyzer(const scena_analyzer& table) {
  return std::make_shared<HostAnalyzer>(table);
}

}  // namespace scena::capi

scena_status scena_scores_add(scena_scores* scores, const char* metric, double value,
                              double confidence, const char* label) {
  if (!scores || !std::isfinite(value) || !std::isfinite(confidence)) return SCENA_INVALID_ARGUMENT;
  try {
    scena::MetricScore score;
    score.metric = metric && *metric ? std::string(metric) : std::string(scores->analyzer);
    score.value = value;
    score.confidence = confidence;
    if (label) score.label = label;
    scores->out.push_back(std::move(score));
    return SCENA_OK;
  } catch (...) {
    return SCENA_OUT_OF_MEMORY;
  }
}

scena_status scena_scores_evidence(scena_scores* scores, const char* message, size_t begin,
                                   size_t end, const char* reason) {
  if (!scores || !message || end < begin) return SCENA_INVALID_ARGUMENT;
  if (scores->out.size() == scores->first) return SCENA_WRONG_STATE;
  try {
    scores->out.back().evidence.push_back({message, begin, end, reason ? reason : ""});
    return SCENA_OK;
  } catch (...) {
    return SCENA_OUT_OF_MEMORY;
  }
}
