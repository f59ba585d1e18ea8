#pragma once

#include <string>
#include <string_view>

#include "base/json.hpp"
#include "llm/backends/script/script_book.hpp"

namespace scena::script {

/// JSON to ScriptBook. Kept apart so that the book's header needs no JSON.
class ScriptReader {
 public:
  /// `pointer` names the script inside its document, for errors.
  explicit ScriptReader(std::string_view pointer) : pointer_(pointer) {}

  Result<ScriptBook> read(const Json& script);

 private:
  using Rule = ScriptBook::Rule;

  Result<void> read_replies(const Json& replies, ScriptBook& book);
  static void add_rule(Rule rule, ScriptBook& book);
  Result<Rule> read_rule(const Json& value, const std::string& at);
  Result<void> read_member(const std::string& name, const Json& value, const std::string& at,
                           Rule& rule);
  Result<void> read_range(const Json& value, const std::string& at, std::chrono::milliseconds& low,
                          std::chrono::milliseconds& high);
  Result<void> read_tools(const Json& value, const std::string& at, std::vector<ToolCall>& tools);
  Result<void> read_words(const Json& value, const std::string& at,
                          std::vector<std::string>& words);
  Result<void> read_texts(const Json& value, const std::string& at, std::vector<ChoiceText>& texts);

  std::string pointer_;
};

}  // namespace scena::script
