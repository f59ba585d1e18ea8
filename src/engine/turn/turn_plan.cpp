#include "engine/turn/turn_plan.hpp"

#include <algorithm>

#include "base/clock.hpp"
#include "base/json_writer.hpp"
#include "domain/prompt_history.hpp"
#include "domain/tool_prompt.hpp"

namespace scena::engine {
namespace {

PromptLimits prompt_limits(const Config& config, const Preset& preset) {
  PromptLimits limits{config.limits.history_items, config.limits.history_tokens};
  if (preset.limits.history_items != 0) limits.history_items = preset.limits.history_items;
  if (preset.limits.history_tokens != 0) limits.history_tokens = preset.limits.history_tokens;
  return limits;
}

// A message's deadline goes before its preset's limit; neither lifts the one of the host.
Timeouts reply_timeouts(const Config& config, const Preset& preset,
                        std::chrono::milliseconds deadline) {
  constexpr std::chrono::milliseconds kLongest = kForEver;
  Timeouts timeouts = config.timeouts;
  const auto wanted = deadline.count() > 0 ? deadline : preset.limits.reply_time;
  if (wanted.count() > 0)
    timeouts.total = std::min(timeouts.total.count() > 0 ? timeouts.total : kLongest, wanted);
  return timeouts;
}

CallContext call_context(const PlanInput& input) {
  CallContext context;
  context.session = input.facts.info.id;
  context.character = input.speaker;
  context.purpose = input.purpose;
  context.session_seed = input.facts.seed;
  context.turn_number = input.facts.info.turns + 1;
  context.attempt = input.attempt;
  context.reply_number = input.line.counts().replies_of(input.speaker) + 1;
  context.subject = input.facts.info.owner;
  context.language = input.preset.preset().language;
  context.trace_id = input.facts.info.id + "/" + std::to_string(context.turn_number);
  return context;
}

}  // namespace

ModelChoice choose_model(const Config& config, const Preset& preset, const Character& character,
                         const SessionFacts& facts, const std::string& call_model) {
  ModelChoice choice;
  for (const std::string* provider :
       {&facts.provider, &character.model.provider, &preset.model.provider}) {
    if (choice.provider.empty()) choice.provider = *provider;
  }
  if (choice.provider.empty()) choice.provider = config.provider;
  const auto take = [&choice](const std::string& model, const char* source) {
    if (!choice.model.empty() || model.empty()) return;
    choice.model = model;
    choice.source = source;
  };
  take(call_model, "call");
  take(facts.model, "session");
  take(character.model.model, "preset");
  take(preset.model.model, "preset");
  take(config.model, "config");
  if (choice.model.empty()) choice.source = "provider";
  return choice;
}

std::vector<PromptParticipant> prompt_participants(const SessionInfo& info) {
  std::vector<PromptParticipant> participants;
  for (const auto& participant : info.participants) {
    if (!participant.present) continue;
    participants.push_back(
        {participant.id, participant.name, participant.is_human ? "human" : "character"});
  }
  return participants;
}

Result<void> compose_plan(const PlanInput& input, TurnPlan& plan) {
  const Preset& preset = input.preset.preset();
  const Character* character = preset.find_character(input.speaker);
  if (!character) {
    return Error(ErrorCode::not_found,
                 "character: this session's preset has no \"" + std::string(input.speaker) + "\"");
  }
  auto tools = input.tools ? input.tools->offer(preset, *character) : std::vector<ToolSpec>();
  const auto participants = prompt_participants(input.facts.info);
  auto prompt = compose_prompt({.preset = input.preset,
                                .character = input.speaker,
                                .participants = participants,
                                .line = input.line,
                                .limits = prompt_limits(input.config, preset),
                                .task = input.task,
                                .question = input.question,
                                .tools = !tools.empty(),
                                .list_dropped = input.list_dropped,
                                .count = input.count});
  if (!prompt) return prompt.error();
  const ModelChoice choice =
      choose_model(input.config, preset, *character, input.facts, std::string(input.call_model));
  plan.speaker = input.speaker;
  plan.speaker_name = character->name;
  plan.attempt = input.attempt;
  plan.provider = choice.provider;
  plan.model_source = choice.source;
  plan.parts = std::move(prompt->parts);
  plan.prompt_tokens = prompt->tokens + estimate_tokens(input.json_schema);

  ReplyRequest& request = plan.request;
  request.model = choice.model;
  request.system = std::move(prompt->system);
  request.messages = std::move(prompt->messages);
  request.temperature =
      character->model.temperature ? character->model.temperature : preset.model.temperature;
  request.max_tokens =
      character->model.max_tokens ? character->model.max_tokens : preset.model.max_tokens;
  request.json_schema = input.json_schema;
  request.tools = std::move(tools);
  request.stream = input.config.stream;
  request.timeouts = reply_timeouts(input.config, preset, input.deadline);
  request.script = input.preset.script_options(input.speaker);
  request.context = call_context(input);
  request.context.prompt_tokens = plan.prompt_tokens;
  if (input.send_seed) request.seed = static_cast<std::int64_t>(input.facts.seed & 0x7FFF'FFFF);
  return {};
}

void add_tool_round(TurnPlan& plan, const ToolRound& round) {
  auto& messages = plan.request.messages;
  const std::size_t place = messages.size();
  append_tool_round(messages, round, round.text, plan.speaker_name);
  messages[place].state = round.state;
  ++plan.round;
  plan.prompt_tokens += kMessageOverheadTokens + estimate_tokens(round.text) + tool_tokens({round});
  plan.request.context.prompt_tokens = plan.prompt_tokens;
}

void add_repair(TurnPlan& plan, const Repair& repair) {
  const std::string asked = "Your last answer was refused: " + repair.reason +
                            ". Answer again, with nothing but JSON that follows the schema.";
  plan.request.messages.push_back({PromptRole::assistant, repair.answer, plan.speaker_name});
  plan.request.messages.push_back({PromptRole::user, asked, ""});
  ++plan.round;
  plan.prompt_tokens +=
      2 * kMessageOverheadTokens + estimate_tokens(repair.answer) + estimate_tokens(asked);
  plan.request.context.prompt_tokens = plan.prompt_tokens;
}

OpenTurn open_turn(const TurnPlan& plan) {
  OpenTurn turn;
  turn.id = plan.turn;
  turn.speaker = plan.speaker;
  turn.kind = plan.kind;
  turn.replaces = plan.replaces;
  turn.provider = plan.provider;
  turn.model = plan.request.model;
  turn.attempt = plan.attempt;
  turn.reserved = plan.reserved;
  return turn;
}

std::string turn_started_data(const TurnPlan& plan, std::string_view message) {
  std::string data;
  JsonWriter writer(data);
  writer.begin_object()
      .member("turn", plan.turn)
      .member("kind", plan.kind)
      .member("speaker", plan.speaker);
  if (!message.empty()) writer.member("message", message);
  if (!plan.replaces.empty()) writer.member("replaces", plan.replaces);
  writer.member("trace", plan.request.context.trace_id);
  if (plan.attempt != 0) writer.member("attempt", static_cast<std::uint64_t>(plan.attempt));
  writer.member("provider", plan.provider)
      .member("model", plan.request.model)
      .member("model_source", plan.model_source);
  if (!plan.alias.empty()) writer.member("alias", plan.alias);
  if (!plan.request.tools.empty()) {
    writer.key("tools").begin_array();
    for (const auto& tool : plan.request.tools) writer.value(tool.name);
    writer.end_array();
  }
  if (plan.request.seed) writer.member("seed", *plan.request.seed);
  if (plan.reserved.pico_usd != 0) writer.member("reserved", plan.reserved.to_string());
  const CallContext& context = plan.request.context;
  if (plan.has_rules && !context.tier.empty()) writer.member("tier", context.tier);
  if (plan.has_rules && context.budget_left)
    writer.member("budget_left", context.budget_left->to_string());
  writer.member("prompt_tokens", plan.prompt_tokens).member("request_sha256", plan.sha256);
  writer.key("parts").begin_array();
  for (const auto& part : plan.parts)
    writer.begin_array().value(part.id).value(part.tokens).end_array();
  writer.end_array().end_object();
  return data;
}

}  // namespace scena::engine
