#include "engine/turn/background_call.hpp"

#include "base/json_writer.hpp"
#include "domain/prompt.hpp"
#include "domain/prompt_history.hpp"

namespace scena::engine {
namespace {

std::int64_t request_tokens(const ReplyRequest& request) {
  std::int64_t tokens = estimate_tokens(request.system) + estimate_tokens(request.json_schema);
  for (const PromptMessage& message : request.messages)
    tokens += kMessageOverheadTokens + estimate_tokens(message.text);
  return tokens;
}

}  // namespace

void complete_background_plan(TurnPlan& plan, const Config& config, const Preset& preset,
                              const SessionFacts& facts, Purpose purpose) {
  plan.kind = to_string(purpose);
  plan.turn = to_string(purpose);
  ReplyRequest& request = plan.request;
  request.stream = config.stream;
  request.timeouts = config.timeouts;
  plan.prompt_tokens = request_tokens(request);
  CallContext& context = request.context;
  context.subject = facts.info.owner;
  context.language = preset.language;
  context.session = facts.info.id;
  context.trace_id = facts.info.id + "/" + to_string(purpose);
  context.purpose = purpose;
  context.session_seed = facts.seed;
  context.turn_number = facts.info.turns;
  context.prompt_tokens = plan.prompt_tokens;
}

bool may_pass(const Error& error) noexcept {
  switch (error.code()) {
    case ErrorCode::unavailable:
    case ErrorCode::rate_limited:
    case ErrorCode::timeout:
    case ErrorCode::network:
    case ErrorCode::provider_error:
    case ErrorCode::overloaded:
    case ErrorCode::circuit_open:
    case ErrorCode::out_of_memory:
      return true;
    default:
      return false;
  }
}

std::string call_reserved_data(Purpose purpose, std::string_view call, Money amount) {
  std::string data;
  JsonWriter(data)
      .begin_object()
      .member("purpose", to_string(purpose))
      .member(to_string(purpose), call)
      .member("amount", amount.to_string())
      .end_object();
  return data;
}

}  // namespace scena::engine
