#pragma once

#include <scena/error.hpp>
#include <span>
#include <string_view>

namespace scena::llm {

struct FailureBody;

/// What a refused or failed call comes to: by the body's words where they say more than the HTTP
/// status, else by the status. `status` is 0 inside a stream that began well.
ErrorCode failure_code(int status, const FailureBody& body);

/// Whether a text has one of the phrases, which are in lower case, however its letters are written.
bool says(std::string_view text, std::span<const std::string_view> phrases) noexcept;

}  // namespace scena::llm
