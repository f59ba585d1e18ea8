#include "base/json_writer.hpp"
#include "base/sha256.hpp"
#include "domain/tool_json.hpp"
#include "domain/tool_prompt.hpp"
#include "engine/actor/session_actor.hpp"
#include "engine/core.hpp"
#include "engine/turn/turn_run.hpp"

// Tools in the log: requested before they run, finished before the model hears of it.

namespace scena::engine {
namespace {

Audience hosts() {
  return {Audience::Kind::hosts, {}};
}

// The next request goes out: with results of tools, or to repair an answer.
std::string continued_data(const TurnPlan& plan, Money reserved) {
  std::string data;
  JsonWriter writer(data);
  writer.begin_object()
      .member("turn", plan.turn)
      .member("round", static_cast<std::uint64_t>(plan.round))
      .member("prompt_tokens", plan.prompt_tokens)
      .member("request_sha256", plan.sha256);
  if (reserved.pico_usd != 0) writer.member("reserved", reserved.to_string());
  if (plan.repairs) {
    writer.key("repairs").begin_object().member("answer", plan.repairs->answer);
    writer.member("reason", plan.repairs->reason).end_object();
  }
  writer.end_object();
  return data;
}

}  // namespace

void SessionActor::store_tool_requests(std::vector<RequestedTool> tools, Stored done) {
  when_free([self = shared_from_this(), run = run_, tools = std::move(tools),
             done = std::move(done)]() mutable {
    if (self->run_ != run) return;
    CommitDraft draft = self->draft(run->cause());
    for (auto& tool : tools) {
      std::string data = requested_tool_data(run->turn(), tool);
      draft.add("tool.requested", run->speaker(), std::move(data), hosts(), std::move(tool));
    }
    self->commit(std::move(draft), std::move(done));
  });
}

void SessionActor::store_tool_results(std::vector<TurnTools::Finished> tools, TurnPlan* next,
                                      Money spent, Stored done) {
  when_free([self = shared_from_this(), run = run_, tools = std::move(tools), next, spent,
             done = std::move(done)]() mutable {
    if (self->run_ != run) return;
    CommitDraft draft = self->draft(run->cause());
    for (auto& [name, tool] : tools) {
      self->core_.log().debug("tool call ended",
                              {{"session", self->id_},
                               {"turn", run->turn()},
                               {"tool", self->host_.tools().find(name) ? name : "(unknown)"},
                               {"failed", tool.use.failed ? "true" : "false"},
                               {"ms", std::to_string(tool.use.duration.count())}});
      std::string data = finished_tool_data(run->turn(), name, tool);
      draft.add("tool.finished", "engine", std::move(data), hosts(), std::move(tool));
    }
    const Result<void> may = next ? self->add_continued(draft, *next, spent) : Result<void>();
    if (!may && tools.empty()) return done(may);
    self->commit(std::move(draft), [may, done = std::move(done)](const Result<void>& result) {
      done(result ? may : result);
    });
  });
}

// The next request, unless the budget forbids it; what the rounds before cost counts as taken.
Result<void> SessionActor::add_continued(CommitDraft& draft, TurnPlan& next, Money spent) const {
  if (auto affordable = reserve(next, spent); !affordable) return affordable;
  auto provider = host_.provider(next.provider);
  if (!provider) return provider.error();
  auto body = (*provider)->request_body(next.request);
  if (!body) return body.error();
  next.sha256 = sha256_hex(*body);
  next.request.body = std::make_shared<const std::string>(std::move(*body));
  draft.add("turn.continued", next.speaker, continued_data(next, spent + next.reserved), hosts());
  next.repairs.reset();
  return {};
}

void SessionActor::add_cut_tools(CommitDraft& draft, const TurnEnd& end) const {
  for (const auto& [name, tool] : end.tools)
    draft.add("tool.finished", "engine", finished_tool_data(end.plan->turn, name, tool), hosts(),
              tool);
}

// A crash came while a turn used tools: what it had asked for is known, and a model that goes on
// must hear of it. @return the id of the reply that holds it.
std::string SessionActor::add_cut_reply(CommitDraft& draft, const OpenTurn& turn,
                                        const Usage& usage) const {
  Message reply;
  const Message* replaced = model_.find(turn.replaces);
  const Message* before = replaced ? replaced : model_.last_on_line();
  std::string text = replaced && turn.kind == "continue" ? replaced->text() : std::string();
  for (const auto& round : model_.open_rounds()) {
    if (!text.empty() && !round.text.empty()) text += "\n\n";
    text += round.text;
    for (const auto& use : round.uses) {
      if (use.finished) continue;
      const RegisteredTool* tool = host_.tools().find(use.call.name);
      FinishedTool cut{use.call.id, {}};
      cut.use.finished = true;
      cut.use.failed = true;
      cut.use.result = unknown_outcome(tool && tool->options.idempotent);
      draft.add("tool.finished", "engine", finished_tool_data(turn.id, use.call.name, cut),
                hosts());
    }
  }
  if (replaced) {
    draft.add("message.superseded", turn.speaker, supersede({replaced->id}, turn.kind));
  }
  reply.id = model_.next_message_id();
  reply.turn = turn.id;
  reply.speaker = turn.speaker;
  reply.parts.push_back({MessagePart::Kind::text, std::move(text), {}, {}, 0});
  if (before) reply.audience = before->audience;
  reply.replaces = turn.replaces;
  reply.outcome = Outcome::interrupted;
  reply.finish_reason = FinishReason::other;
  reply.provider = turn.provider;
  reply.model = turn.model;
  reply.usage = usage;
  reply.cost = turn.reserved;
  draft.add_message(reply);
  return reply.id;
}

}  // namespace scena::engine
