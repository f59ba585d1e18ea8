#pragma once

#include <scena/ext/provider.hpp>
#include <scena/result.hpp>
#include <string_view>

namespace scena::llm {

/// The model that is meant, or invalid_argument. `kind` stands in the error.
Result<std::string_view> model_of(const ReplyRequest& request, std::string_view default_model,
                                  std::string_view kind);

/// The name of the tool that a message of role `tool` answers: its own, else that of the call with
/// its id in the messages before; empty when there is none.
std::string_view tool_name_of(const ReplyRequest& request, const PromptMessage& result);

}  // namespace scena::llm
