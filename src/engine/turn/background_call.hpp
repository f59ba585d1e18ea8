#pragma once

#include <string>
#include <string_view>

#include "engine/turn/turn_plan.hpp"

namespace scena::engine {

/// Completes the plan of a call beside the turns (an analysis, a judge), whose request has its
/// prompt and model: time limits, the prompt's tokens, context. Empty `tenant`: the caller fills it
/// in.
void complete_background_plan(TurnPlan& plan, const Config& config, const Preset& preset,
                              const SessionFacts& facts, Purpose purpose);

/// True for a failure that a later attempt of the call's job may not have: the service or the way
/// to it was in trouble, the request was not.
bool may_pass(const Error& error) noexcept;

/// The data of budget.reserved for a call that is no turn; `call` is its id.
std::string call_reserved_data(Purpose purpose, std::string_view call, Money amount);

}  // namespace scena::engine
