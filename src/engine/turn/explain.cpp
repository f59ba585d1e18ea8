#include "engine/turn/explain.hpp"

#include <algorithm>

#include "base/sha256.hpp"
#include "engine/actor/session_actor.hpp"
#include "engine/core.hpp"
#include "engine/turn/turn_plan.hpp"

namespace scena::engine {

namespace {

Error changed() {
  return Error::fixed(
      ErrorCode::conflict,
      "the request composed now differs from the one that was sent: the configuration, the "
      "provider or scena's version changed since");
}

// The requests that followed with results of tools, or to repair an answer; what a reply took over
// from the one that it goes on from stands in the first request already.
Result<void> add_rounds(Core& core, SessionActor& actor, const Message* continues,
                        const Message& message, const std::vector<ContinuedRequest>& continued,
                        TurnPlan& plan, Explanation& explanation) {
  const auto& rounds = message.tool_rounds;
  std::size_t next = continues ? continues->tool_rounds.size() : 0;
  for (const auto& [sha256, repairs] : continued) {
    if (repairs) {
      add_repair(plan, *repairs);
    } else if (next < rounds.size()) {
      add_tool_round(plan, rounds[next++]);
    } else {
      return changed();
    }
    auto body = core.describe_request(actor.host(), plan);
    if (!body) return body.error();
    if (sha256_hex(*body) != sha256) return changed();
    explanation.rounds.push_back(std::move(*body));
  }
  return {};
}

}  // namespace

ContinuedRequest read_continued(const Json& data) {
  ContinuedRequest request{data.value("request_sha256", ""), std::nullopt};
  if (const auto repairs = data.find("repairs"); repairs != data.end())
    request.repairs = Repair{repairs->value("answer", ""), repairs->value("reason", "")};
  return request;
}

Result<Explanation> explain_turn(Core& core, SessionActor& actor, const SessionModel& before,
                                 const Json& started,
                                 const std::vector<ContinuedRequest>& continued,
                                 const Message& message) {
  auto preset =
      core.rendered(actor.tenant(), before.facts().preset_sha256, before.info().variables);
  if (!preset) return preset.error();
  const std::string kind = started.value("kind", "");
  auto line = before.line();
  if (kind == "regenerate") {
    line.cut_from(started.value("replaces", ""));
  }
  const std::string source = started.value("model_source", "");
  const std::string model =
      source == "call" || source == "budget" ? started.value("model", "") : std::string();
  const std::string speaker = started.value("speaker", "");
  const std::string json_schema = started.value("json_schema", "");
  TurnPlan plan(core.config().limits);
  const PlanInput input{.config = core.config(),
                        .preset = **preset,
                        .facts = before.facts(),
                        .line = line,
                        .speaker = speaker,
                        .call_model = model,
                        .task = kind == "continue" ? PromptTask::continuation : PromptTask::reply,
                        .json_schema = json_schema,
                        .attempt = started.value("attempt", 0u),
                        .tools = &actor.host().tools(),
                        .send_seed = started.contains("seed"),
                        .list_dropped = true};
  if (auto composed = compose_plan(input, plan); !composed) return composed.error();
  plan.request.context.tenant = actor.tenant();
  plan.request.context.tier = started.value("tier", "");
  plan.request.context.budget_left = Money::parse(started.value("budget_left", ""));
  const bool has_alias = started.contains("alias");  // what it stood for then, it may not now
  if (has_alias || source == "budget") plan.provider = started.value("provider", "");
  if (has_alias) plan.request.model = started.value("model", "");
  auto body = core.describe_request(actor.host(), plan);
  if (!body) return body.error();

  Explanation explanation;
  explanation.message = message.id;
  explanation.turn = message.turn;
  explanation.provider = message.provider.empty() ? plan.provider : message.provider;
  explanation.model = message.model;
  explanation.sha256 = sha256_hex(*body);
  explanation.request = std::move(*body);
  if (explanation.sha256 != started.value("request_sha256", "")) return changed();
  const Message* continues = kind == "continue" ? before.find(message.replaces) : nullptr;
  if (auto added = add_rounds(core, actor, continues, message, continued, plan, explanation);
      !added)
    return added.error();
  for (auto& part : plan.parts) {
    explanation.parts.push_back({std::move(part.id), std::move(part.source),
                                 static_cast<std::uint64_t>(part.tokens), part.included,
                                 std::move(part.reason)});
  }
  return explanation;
}

}  // namespace scena::engine
