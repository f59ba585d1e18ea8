#include "llm/request_names.hpp"

#include <fmt/format.h>

namespace scena::llm {

Result<std::string_view> model_of(const ReplyRequest& request, std::string_view default_model,
                                  std::string_view kind) {
  const std::string_view model =
      request.model.empty() ? default_model : std::string_view(request.model);
  if (!model.empty()) return model;
  return Error(ErrorCode::invalid_argument,
               fmt::format("no model is named; set \"model\" or use \"{}:MODEL\"", kind))
      .with_pointer("/model");
}

std::string_view tool_name_of(const ReplyRequest& request, const PromptMessage& result) {
  if (!result.name.empty()) return result.name;
  std::string_view name;
  for (const auto& message : request.messages) {
    if (&message == &result) break;
    for (const auto& call : message.tool_calls) {
      if (call.id == result.tool_call_id) name = call.name;
    }
  }
  return name;
}

}  // namespace scena::llm
