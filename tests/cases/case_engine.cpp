// The commands of a case that are given to the engine.
#include <scena/analytics.hpp>
#include <scena/batch.hpp>

#include "cases/case_parts.hpp"
#include "cases/case_runner.hpp"

namespace scena::cases {
namespace {

Principal somebody(std::string_view rest) {
  Principal who;
  who.subject = take_word(rest);
  while (!rest.empty()) who.roles.push_back(take_word(rest));
  return who;
}

}  // namespace

// False: no command for the engine.
bool CaseRunner::act_on_engine(const std::string& verb, std::string_view rest) {
  Engine& engine = *engine_;
  if (verb == "as") {
    sessions_.push_back(engine.as(somebody(rest)).session(session().id()));
  } else if (verb == "open") {
    sessions_.push_back(engine.session(rest));
  } else if (verb == "create") {
    SessionOptions options = options_;
    options.id = rest;
    sessions_.push_back(create(options));
  } else if (verb == "import") {
    if (rest.empty()) rest = exported_;
    sessions_.push_back(engine.import_session(rest));
  } else if (verb == "export") {
    exported_ = engine.export_session(session().id(), ExportFormat::json);
  } else if (verb == "rebuild") {
    answer_ = engine.rebuild(session().id()) ? "same" : "changed";
  } else if (verb == "backup") {
    engine.backup(std::string(rest));
  } else if (verb == "check_storage") {
    engine.check_storage();
  } else if (verb == "close") {
    read_events();
    is_closed_ = true;
    engine.close();
  } else if (verb == "sessions") {
    list_sessions(rest);
  } else if (verb == "presets") {
    list_presets(rest);
  } else if (!act_on_presets(verb, rest)) {
    return act_on_services(verb, rest);
  }
  return true;
}

// A page is a line of the record, and how many there were on all of them the answer.
void CaseRunner::list_sessions(std::string_view rest) {
  SessionQuery query;
  query.limit = std::stoul(take_word(rest));
  if (!rest.empty()) query.state = parse_session_state(rest);
  std::size_t count = 0;
  do {
    const Page page = engine_->sessions(query);
    std::string line = "? sessions";
    for (const SessionInfo& one : page.sessions) {
      line += " " + one.id + ":" + std::string(to_string(one.state)) + ":" +
              std::to_string(one.turns) + ":" + std::to_string(one.messages);
    }
    count += page.sessions.size();
    told_.push_back(std::move(line));
    query.after = page.next;
  } while (!query.after.empty());
  answer_ = std::to_string(count);
}

void CaseRunner::list_presets(std::string_view rest) {
  PresetQuery query;
  query.limit = std::stoul(take_word(rest));
  query.category = rest;
  std::size_t count = 0;
  do {
    const PresetPage page = engine_->presets(query);
    std::string line = "? presets";
    for (const PresetInfo& one : page.presets)
      line += " " + one.id + ":" + one.category + (one.builtin ? ":builtin" : ":stored");
    count += page.presets.size();
    told_.push_back(std::move(line));
    query.after = page.next;
  } while (!query.after.empty());
  answer_ = std::to_string(count);
}

// A row is a line of the record, and how many there are the answer.
void CaseRunner::batch(std::string_view rest) {
  BatchPlan plan;
  plan.presets = {engine_->preset(take_word(rest))};
  plan.seeds.clear();
  const std::uint64_t count = std::stoul(std::string(rest));
  for (std::uint64_t seed = 1; seed <= count; ++seed) plan.seeds.push_back(seed);
  plan.max_turns = 2;
  BatchOptions options;
  options.config = config_;
  options.folder = folder_.path();
  const BatchResult result = run_batch(plan, options);
  for (const BatchRow& row : result.rows)
    told_.push_back("? row " + row.key + ":" + std::to_string(row.turns));
  answer_ = std::to_string(result.rows.size());
}

bool CaseRunner::act_on_presets(const std::string& verb, std::string_view rest) {
  if (verb == "put") {
    engine_->put_preset(Preset::from_json(rest).value_or_throw());
  } else if (verb == "take") {
    engine_->remove_preset(rest);
  } else if (verb == "read") {
    answer_ = engine_->preset(rest).to_json();
  } else if (verb == "seed") {
    answer_ = std::to_string(engine_->seed_presets());
  } else {
    return false;
  }
  return true;
}

bool CaseRunner::act_on_services(const std::string& verb, std::string_view rest) {
  if (verb == "policy") {
    engine_->update_policy(rest);
  } else if (verb == "models") {
    engine_->set_models(rest);
  } else if (verb == "prices") {
    engine_->set_prices(
        Config::from_json("{\"prices\":" + std::string(rest) + "}").value_or_throw().prices);
  } else if (verb == "costs") {
    const auto rows = engine_->costs({.session = std::string(rest)});
    answer_ = rows.empty() ? "none" : rows.front().cost.to_string();
  } else if (verb == "batch") {
    batch(rest);
  } else if (verb == "analytics") {
    const auto rows = session_analytics(*engine_, {}, {AnalyticsBy::preset});
    answer_ = std::to_string(rows.at(0).completed);
  } else if (verb == "flow") {
    answer_ = session_flow(*engine_).back().to;
  } else if (verb == "ask") {
    ReplyRequest request;
    const std::string provider = take_word(rest);
    request.messages.push_back({.text = std::string(rest)});
    const Completion reply = engine_->complete(provider, std::move(request)).get();
    answer_ = reply.text;
    error_ = reply.error ? to_string(reply.error->code()) : "";
  } else if (verb == "embed") {
    const std::string provider = take_word(rest);
    (void)engine_->embed(provider, {.texts = {std::string(rest)}}).get();
  } else {
    return false;
  }
  return true;
}

}  // namespace scena::cases
