#include "llm/backends/script/script_reader.hpp"

#include <algorithm>
#include <iterator>

#include "base/text.hpp"

namespace scena::script {
namespace {

constexpr std::int64_t kLargest =
    3'600'000;  // an hour in milliseconds, and more turns than any session has

Error fault(const std::string& at, std::string message) {
  return Error(ErrorCode::invalid_argument, std::move(message)).with_pointer(at);
}

std::string lowered(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

std::optional<std::int64_t> small_number(const Json& value) {
  if (!value.is_number_integer()) return std::nullopt;
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{kLargest})
    return std::nullopt;
  const auto number = value.get<std::int64_t>();
  if (number < 0 || number > kLargest) return std::nullopt;
  return number;
}

}  // namespace

Result<ScriptBook> ScriptReader::read(const Json& script) {
  if (!script.is_object())
    return fault(pointer_, "a script is an object such as {\"replies\":[\"Hello.\"]}");
  ScriptBook book;
  ScriptTiming& timing = book.timing_;
  for (const auto& [name, value] : script.items()) {
    const std::string at = json_pointer(pointer_, name);
    Result<void> done;
    if (name == "replies") {
      done = read_replies(value, book);
    } else if (name == "delay_ms") {
      done = read_range(value, at, timing.delay_min, timing.delay_max);
    } else if (name == "token_ms") {
      done = read_range(value, at, timing.token_min, timing.token_max);
    } else if (name == "instant" && value.is_boolean()) {
      timing.instant = value.get<bool>();
    } else {
      done = fault(at,
                   name == "instant"
                       ? "instant is true or false"
                       : "unknown member of a script; it has replies, delay_ms, token_ms, instant");
    }
    if (!done) return done.error();
  }
  return book;
}

Result<void> ScriptReader::read_replies(const Json& replies, ScriptBook& book) {
  const std::string at = json_pointer(pointer_, "replies");
  if (!replies.is_array()) return fault(at, "replies is an array of texts or rules");
  const bool plain =
      std::all_of(replies.begin(), replies.end(), [](const Json& r) { return r.is_string(); });
  if (plain && !replies.empty()) {
    book.ordered_ = true;
    return read_texts(replies, at, book.rules_.emplace_back().texts);
  }
  for (std::size_t i = 0; i < replies.size(); ++i) {
    auto rule = read_rule(replies[i], json_pointer(at, std::to_string(i)));
    if (!rule) return rule.error();
    add_rule(std::move(*rule), book);
  }
  return {};
}

// Rules without a condition form one pool, so that nothing in it comes back before all was said.
void ScriptReader::add_rule(Rule rule, ScriptBook& book) {
  if (rule.general()) {
    for (Rule& pool : book.rules_) {
      if (!pool.general() || pool.json != rule.json) continue;
      std::move(rule.texts.begin(), rule.texts.end(), std::back_inserter(pool.texts));
      return;
    }
  }
  book.rules_.push_back(std::move(rule));
}

Result<ScriptBook::Rule> ScriptReader::read_rule(const Json& value, const std::string& at) {
  Rule rule;
  if (value.is_string()) {
    if (auto done = read_texts(value, at, rule.texts); !done) return done.error();
    return rule;
  }
  if (!value.is_object())
    return fault(at, "a reply is a text or a rule such as {\"turn\":1,\"text\":\"Hello.\"}");
  for (const auto& [name, member] : value.items()) {
    if (auto done = read_member(name, member, json_pointer(at, name), rule); !done)
      return done.error();
  }
  if (rule.texts.empty() && !rule.tools.empty()) rule.texts.emplace_back();
  if (rule.texts.empty()) return fault(at, "a rule needs text, texts, json or tools");
  return rule;
}

Result<void> ScriptReader::read_member(const std::string& name, const Json& value,
                                       const std::string& at, Rule& rule) {
  if (name == "turn") {
    const auto turn = small_number(value);
    if (!turn || *turn == 0)
      return fault(at, "turn is the number of the character's own reply, from 1");
    rule.turn = static_cast<std::uint32_t>(*turn);
    return {};
  }
  if (name == "match") {
    if (auto done = read_words(value.is_string() ? Json::array({value}) : value, at, rule.words);
        !done)
      return done;
    for (std::string& words : rule.words) words = lowered(std::string(trim(words)));
    return {};
  }
  if (name == "tools") return read_tools(value, at, rule.tools);
  if (name == "after") {
    if (!value.is_string() || value.get_ref<const std::string&>().empty())
      return fault(at, "after is the name of the tool whose result is answered");
    rule.after = value.get<std::string>();
    return {};
  }
  if (name == "again") {
    if (!value.is_boolean()) return fault(at, "again is true or false");
    rule.again = value.get<bool>();
    return {};
  }
  if (name != "text" && name != "texts" && name != "json") {
    return fault(
        at, "unknown member of a rule; it has turn, match, after, text, texts, json, tools, again");
  }
  if (!rule.texts.empty()) return fault(at, "a rule has one of text, texts and json");
  if (name == "json") {
    rule.json = true;
    rule.texts.push_back(ChoiceText::plain(dump_json(value)));
    return {};
  }
  if ((name == "text") != value.is_string())
    return fault(at, "text is a text, texts a non-empty array of texts");
  return read_texts(value, at, rule.texts);
}

Result<void> ScriptReader::read_range(const Json& value, const std::string& at,
                                      std::chrono::milliseconds& low,
                                      std::chrono::milliseconds& high) {
  const auto first = small_number(value.is_array() && value.size() == 2 ? value[0] : value);
  const auto last = small_number(value.is_array() && value.size() == 2 ? value[1] : value);
  if (!first || !last || *first > *last) {
    return fault(at, "expected a range of milliseconds such as [15,60], from 0 to 3600000");
  }
  low = std::chrono::milliseconds(*first);
  high = std::chrono::milliseconds(*last);
  return {};
}

Result<void> ScriptReader::read_tools(const Json& value, const std::string& at,
                                      std::vector<ToolCall>& tools) {
  if (!value.is_array() || value.empty())
    return fault(at, "tools is an array such as [{\"name\":\"weather\",\"arguments\":{}}]");
  for (const Json& item : value) {
    const bool named = item.is_object() && item.contains("name") && item["name"].is_string();
    const auto arguments = item.is_object() ? item.value("arguments", Json::object()) : Json();
    if (!named || !arguments.is_object() || item.size() > 1 + item.count("arguments"))
      return fault(at, "a tool is an object with \"name\" and, where it has any, \"arguments\"");
    tools.push_back({.name = item["name"].get<std::string>(), .arguments = dump_json(arguments)});
  }
  return {};
}

Result<void> ScriptReader::read_words(const Json& value, const std::string& at,
                                      std::vector<std::string>& words) {
  if (!value.is_array() || value.empty())
    return fault(at, "expected a text or a non-empty array of texts");
  for (const Json& text : value) {
    if (!text.is_string() || trim(text.get_ref<const std::string&>()).empty()) {
      return fault(at, "expected texts that are not empty");
    }
    words.push_back(text.get<std::string>());
  }
  return {};
}

// `value` is one text or an array of them.
Result<void> ScriptReader::read_texts(const Json& value, const std::string& at,
                                      std::vector<ChoiceText>& texts) {
  const bool single = value.is_string();
  std::vector<std::string> sources;
  if (auto done = read_words(single ? Json::array({value}) : value, at, sources); !done)
    return done;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    auto text = ChoiceText::parse(sources[i]);
    if (!text) {
      return fault(single ? at : json_pointer(at, std::to_string(i)),
                   std::string("the text ") + text.error().what());
    }
    texts.push_back(std::move(*text));
  }
  return {};
}

}  // namespace scena::script
