#pragma once

#include <scena/result.hpp>
#include <string>
#include <string_view>

namespace scena::engine {

/// Whether a model's answer is JSON that follows the schema it was asked for; models answer in any
/// form. @return protocol with what is wrong, in words of the schema alone.
Result<void> check_json_answer(const std::string& schema, std::string_view answer);

}  // namespace scena::engine
