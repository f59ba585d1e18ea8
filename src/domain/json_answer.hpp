#pragma once

#include <scena/ext/provider.hpp>
#include <scena/result.hpp>
#include <string>
#include <string_view>

namespace scena {

/// Whether a complete reply that ended so is the answer that was asked for. What a model or a
/// filter says instead of one follows no schema.
bool is_answer(FinishReason reason) noexcept;

/// The JSON of a model's answer that must follow a schema; models answer in any form. A fence
/// (```json, or ``` alone) around all of it is no part of it. Members that occur twice and escaped
/// NULs are refused: whoever reads the answer might read another value than was judged.
///
/// @return a piece of `answer`; protocol with what is wrong, in words of the schema alone.
Result<std::string_view> json_answer(const std::string& schema, std::string_view answer);

}  // namespace scena
