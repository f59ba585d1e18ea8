#include "engine/turn/json_answer.hpp"

#include "base/json_schema.hpp"

namespace scena::engine {

Result<void> check_json_answer(const std::string& schema, std::string_view answer) {
  const auto read = JsonSchema::parse(schema);
  if (!read) return read.error();
  const auto value = parse_json(answer);
  if (!value)
    return Error::fixed(ErrorCode::protocol,
                        "the model's answer is no JSON; json_schema asks for it");
  if (const auto good = read->check(*value); !good)
    return Error(
        ErrorCode::protocol,
        std::string("the model's answer does not follow json_schema: ") + good.error().what());
  return {};
}

}  // namespace scena::engine
