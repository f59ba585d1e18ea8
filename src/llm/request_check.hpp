#pragma once

#include <scena/ext/provider.hpp>
#include <scena/result.hpp>
#include <string_view>

namespace scena::llm {

/// Refuses what no service can take, before any byte is sent: tools without a usable name or
/// schema, a choice of a tool that is not there, media in a message that has no room for it, a
/// result that answers no call, numbers out of range. invalid_argument; text and pointer name the
/// member at fault.
Result<void> check_request(const ReplyRequest& request);

/// The model that is meant, or invalid_argument. `kind` stands in the error.
Result<std::string_view> model_of(const ReplyRequest& request, std::string_view default_model,
                                  std::string_view kind);

/// The name of the tool that a message of role `tool` answers: its own, else that of the call with
/// its id in the messages before; empty when there is none.
std::string_view tool_name_of(const ReplyRequest& request, const PromptMessage& result);

}  // namespace scena::llm
