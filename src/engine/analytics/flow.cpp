#include <algorithm>
#include <map>
#include <scena/analytics.hpp>
#include <tuple>

#include "engine/analytics/analytics_reader.hpp"
#include "engine/batch/csv_line.hpp"

namespace scena {
namespace {

constexpr std::uint32_t kLastStep = 200;

// Preset, step, from.
using FlowPlace = std::tuple<std::string, std::uint32_t, std::string>;

const char* standing(SessionState state) noexcept {
  if (state == SessionState::completed) return "(completed)";
  return state == SessionState::error ? "(failed)" : "(dropped)";
}

// Counts where the sessions went from each place.
class FlowTally {
 public:
  void add(const engine::AnalyticsFacts& facts, const std::vector<Message>& messages) {
    std::string from = "(start)";
    std::uint32_t step = 1;
    for (const Message& message : messages) {
      count(facts.preset, step, from, message.speaker);
      from = message.speaker;
      ++step;
    }
    count(facts.preset, step, from, standing(facts.state));
  }

  std::vector<FlowRow> rows() const {
    std::vector<FlowRow> found;
    for (const auto& [place, ways] : ways_) {
      std::uint64_t all = 0;
      for (const auto& [to, sessions] : ways) all += sessions;
      for (const auto& [to, sessions] : ways) {
        FlowRow& row = found.emplace_back();
        std::tie(row.preset, row.step, row.from) = place;
        row.to = to;
        row.sessions = sessions;
        row.share = share_interval(sessions, all);
      }
    }
    return found;
  }

 private:
  void count(const std::string& preset, std::uint32_t step, const std::string& from,
             const std::string& to) {
    ++ways_[{preset, std::min(step, kLastStep), from}][to];
  }

  std::map<FlowPlace, std::map<std::string, std::uint64_t>> ways_;
};

}  // namespace

std::vector<FlowRow> session_flow(Engine& engine, const AnalyticsQuery& query) {
  FlowTally tally;
  engine::AnalyticsReader(engine, query).visit_rows([&](const engine::AnalyticsFacts& facts) {
    try {
      tally.add(facts, engine.session(facts.session).messages());
    } catch (const Error& error) {
      if (error.code() != ErrorCode::not_found) throw;  // it was deleted meanwhile
    }
  });
  return tally.rows();
}

std::string flow_to_jsonl(const std::vector<FlowRow>& rows) {
  std::string out;
  for (const FlowRow& row : rows) {
    JsonWriter writer(out);
    writer.begin_object()
        .member("preset", row.preset)
        .member("step", static_cast<std::uint64_t>(row.step))
        .member("from", row.from)
        .member("to", row.to)
        .member("sessions", row.sessions);
    engine::write_interval(writer.key("share"), row.share);
    writer.end_object();
    out += '\n';
  }
  return out;
}

std::string flow_to_csv(const std::vector<FlowRow>& rows) {
  std::string out;
  engine::CsvLine header(out);
  for (const char* name : {"preset", "step", "from", "to", "sessions", "share", "low", "high"})
    header.text(name);
  header.end();
  for (const FlowRow& row : rows) {
    engine::CsvLine line(out);
    line.text(row.preset).number(row.step).text(row.from).text(row.to).number(row.sessions);
    line.interval(row.share).end();
  }
  return out;
}

}  // namespace scena
