#pragma once

#include <string>
#include <string_view>

namespace scena::llm::gemini {

/// Whether a member is the one of that name: the service writes "finishReason", other writers of
/// the same protocol buffers "finish_reason", and readers take both.
bool is_named(std::string_view name, std::string_view camel) noexcept;

/// "finish_reason" of "finishReason".
std::string snake_name(std::string_view camel);

}  // namespace scena::llm::gemini
