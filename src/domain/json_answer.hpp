#pragma once

#include <scena/ext/provider.hpp>
#include <scena/result.hpp>
#include <string>
#include <string_view>

namespace scena {

/// Where a model's answer may have its JSON. alone: it is all of the answer. among_words: an
/// object, which may stand between other words.
enum class JsonPlace { alone, among_words };

/// The JSON in a model's answer, without the fence of Markdown (```json, or ``` alone) that may be
/// around all of it: a piece of `answer`, all of it where there is no such.
std::string_view json_part(std::string_view answer, JsonPlace place) noexcept;

/// Whether a complete reply that ended so is the answer that was asked for. What a model or a
/// filter says instead of one follows no schema.
bool is_answer(FinishReason reason) noexcept;

/// The JSON of a model's answer that must follow a schema; models answer in any form. It stands
/// alone, but for a fence. Members that occur twice and escaped
/// NULs are refused: whoever reads the answer might read another value than was judged.
///
/// @return a piece of `answer`; protocol with what is wrong, in words of the schema alone.
Result<std::string_view> json_answer(const std::string& schema, std::string_view answer);

}  // namespace scena
