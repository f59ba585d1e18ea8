#include "llm/backends/openai/dialect.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/json.hpp"

namespace scena::llm::openai {
namespace {

using Effort = Dialect::Effort;
using Echo = Dialect::Echo;
using Schema = Dialect::Schema;

// `hosts` are separated by blanks: a host, ".parent.domain", or ":port" of a server at home.
struct Service {
  std::string_view name;
  std::string_view hosts;
  Dialect dialect;
};

// A server of one open model, or one that nobody knows.
constexpr Dialect kAtHome{.needs_model = false, .think_tags = true, .break_chat_tokens = true};

// What each service differs in. An unknown server is taken for one with an open model behind it,
// which may write its reasoning into the text.
const std::array kServices = {
    Service{"openai",
            "api.openai.com",
            {.ask_no_padding = true,
             .developer_role = true,
             .strict_tools = true,
             .cache_key = true,
             .call_ids = {.most = 40}}},
    Service{"azure",
            ".openai.azure.com .services.ai.azure.com .cognitiveservices.azure.com",
            {.developer_role = true,
             .strict_tools = true,
             .cache_key = true,
             .call_ids = {.most = 40}}},
    Service{"groq", "api.groq.com", {.speaker_names = false}},
    Service{"mistral",
            "api.mistral.ai",
            {.ask_usage = false,
             .speaker_names = false,
             .effort = Effort::none,
             .required_word = "any",
             .seed_name = "random_seed",
             .call_ids = {.exactly = 9}}},
    Service{"deepseek", "api.deepseek.com", {.schema = Schema::object, .echo = Echo::text}},
    Service{"openrouter", "openrouter.ai", {.effort = Effort::object, .echo = Echo::details}},
    Service{"xai", "api.x.ai", {}},
    Service{"together", "api.together.xyz api.together.ai", {.think_tags = true}},
    Service{"fireworks", "api.fireworks.ai", {.think_tags = true}},
    Service{"cerebras", "api.cerebras.ai", {.think_tags = true}},
    Service{"nvidia", "integrate.api.nvidia.com", {.think_tags = true}},
    Service{"perplexity",
            "api.perplexity.ai",
            {.think_tags = true, .refuses = "tools seed parallel_tools"}},
    Service{"moonshot", "api.moonshot.ai api.moonshot.cn", {.echo = Echo::text}},
    Service{"zhipu", "open.bigmodel.cn api.z.ai", {.think_tags = true, .schema = Schema::object}},
    Service{"minimax", ".minimax.io .minimax.chat", {.think_tags = true}},
    Service{"dashscope", ".aliyuncs.com", {.think_tags = true}},
    Service{"gemini",
            "generativelanguage.googleapis.com",
            {.think_tags = true,
             .speaker_names = false,
             .hidden_thoughts = true,
             .echo = Echo::calls,
             .refuses = "seed"}},
    Service{"ollama",
            ":11434",
            {.no_finish_reason = true,
             .needs_model = false,
             .think_tags = true,
             .break_chat_tokens = true}},
    Service{"lmstudio", ":1234", kAtHome},
    Service{"vllm", "", kAtHome},
    Service{"llamacpp", "", kAtHome},
    Service{"compatible", "", kAtHome},
};

template <class Each>
void each_word(std::string_view words, Each&& each) {
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    each(words.substr(0, end));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
}

bool is_at(std::string_view authority, std::string_view pattern) {
  const std::size_t colon = authority.find(':');
  if (pattern.front() == ':') return authority.ends_with(pattern);
  const std::string_view host = authority.substr(0, colon);
  return pattern.front() == '.' ? host.ends_with(pattern) : host == pattern;
}

std::string_view authority_of(std::string_view url) {
  const std::size_t begin = url.find("//");
  if (begin == std::string_view::npos) return {};
  url.remove_prefix(begin + 2);
  return url.substr(0, url.find('/'));
}

const Service* find_service(std::string_view name) {
  const auto found = std::find_if(kServices.begin(), kServices.end(),
                                  [&](const Service& service) { return service.name == name; });
  return found == kServices.end() ? nullptr : &*found;
}

std::string service_names() {
  std::string names;
  for (const auto& service : kServices) {
    if (!names.empty()) names += ", ";
    names += service.name;
  }
  return names;
}

Error bad_option(std::string_view name, std::string_view allowed) {
  return Error(ErrorCode::invalid_argument,
               fmt::format("openai options: \"{}\" must be {}", name, allowed))
      .with_pointer(json_pointer("/options", name));
}

struct Flag {
  std::string_view name;
  bool Dialect::*member;
};

constexpr std::array kFlags = {
    Flag{"no_finish_reason", &Dialect::no_finish_reason},
    Flag{"needs_model", &Dialect::needs_model},
    Flag{"think_tags", &Dialect::think_tags},
    Flag{"think_open", &Dialect::think_open},
    Flag{"one_choice", &Dialect::one_choice},
    Flag{"developer_role", &Dialect::developer_role},
    Flag{"speaker_names", &Dialect::speaker_names},
    Flag{"strict_tools", &Dialect::strict_tools},
    Flag{"break_chat_tokens", &Dialect::break_chat_tokens},
    Flag{"cache_key", &Dialect::cache_key},
    Flag{"hidden_thoughts", &Dialect::hidden_thoughts},
};

// One of a few words, each for a value.
template <class Value>
struct Words {
  std::string_view name;
  std::string_view allowed;
  std::array<std::pair<std::string_view, Value>, 4> words;
};

template <class Value>
bool read_word(const Json& json, const Words<Value>& option, Value& out) {
  if (!json.is_string()) return false;
  for (const auto& [word, value] : option.words) {
    if (word.empty() || json.get_ref<const std::string&>() != word) continue;
    out = value;
    return true;
  }
  return false;
}

const Words<bool> kUsage = {
    "usage", "\"request\" or \"never\"", {{{"request", true}, {"never", false}, {}}}};
const Words<Schema> kSchema = {"schema",
                               "\"native\" or \"object\"",
                               {{{"native", Schema::native}, {"object", Schema::object}}}};
const Words<Effort> kEffort = {"effort",
                               "\"reasoning_effort\", \"reasoning\" or \"none\"",
                               {{{"reasoning_effort", Effort::member},
                                 {"reasoning", Effort::object},
                                 {"none", Effort::none}}}};
const Words<Echo> kEcho = {
    "echo",
    "\"none\", \"reasoning_content\", \"reasoning_details\" or \"extra_content\"",
    {{{"none", Echo::none},
      {"reasoning_content", Echo::text},
      {"reasoning_details", Echo::details},
      {"extra_content", Echo::calls}}}};
const Words<std::string_view> kRequired = {
    "required_word", "\"required\" or \"any\"", {{{"required", "required"}, {"any", "any"}}}};
const Words<std::string_view> kSeed = {"seed_name",
                                       "\"seed\" or \"random_seed\"",
                                       {{{"seed", "seed"}, {"random_seed", "random_seed"}}}};
const Words<CallIdForm> kCallIds = {
    "call_ids", "\"any\" or \"nine\"", {{{"any", {}}, {"nine", {.exactly = 9}}, {}}}};

template <class Value>
Result<bool> try_word(std::string_view name, const Json& json, const Words<Value>& option,
                      Value& out) {
  if (name != option.name) return false;
  if (!read_word(json, option, out)) return bad_option(name, option.allowed);
  return true;
}

Result<bool> try_words(std::string_view name, const Json& json, Dialect& dialect) {
  for (auto attempt :
       {try_word(name, json, kUsage, dialect.ask_usage),
        try_word(name, json, kSchema, dialect.schema),
        try_word(name, json, kEffort, dialect.effort), try_word(name, json, kEcho, dialect.echo),
        try_word(name, json, kRequired, dialect.required_word),
        try_word(name, json, kSeed, dialect.seed_name),
        try_word(name, json, kCallIds, dialect.call_ids)}) {
    if (!attempt || *attempt) return attempt;
  }
  return false;
}

Result<void> read_option(std::string_view name, const Json& json, Dialect& dialect) {
  if (name == "dialect") return {};
  if (name == "reasoning") {
    if (!json.is_boolean()) return bad_option(name, "true or false");
    dialect.family = json.get<bool>() ? Dialect::Family::reasoning : Dialect::Family::classic;
    return {};
  }
  for (const auto& flag : kFlags) {
    if (name != flag.name) continue;
    if (!json.is_boolean()) return bad_option(name, "true or false");
    dialect.*flag.member = json.get<bool>();
    return {};
  }
  const auto word = try_words(name, json, dialect);
  if (!word) return word.error();
  if (*word) return {};
  return bad_option(name,
                    "left out; there are dialect, reasoning, usage, think_tags, no_finish_reason "
                    "and others, see docs/reference/configuration.md");
}

}  // namespace

const Dialect& dialect_of(std::string_view base_url) {
  if (base_url.empty()) return kServices.front().dialect;
  const std::string_view authority = authority_of(base_url);
  for (const auto& service : kServices) {
    bool found = false;
    each_word(service.hosts, [&](std::string_view pattern) { found |= is_at(authority, pattern); });
    if (found) return service.dialect;
  }
  return kServices.back().dialect;
}

Result<Dialect> read_dialect(std::string_view options, std::string_view base_url,
                             std::string_view more) {
  Dialect dialect = dialect_of(base_url);
  if (options.empty()) return dialect;
  const auto parsed = parse_json(options, {.careful = true});
  if (!parsed) return parsed.error();
  if (!parsed->is_object())
    return Error::fixed(ErrorCode::invalid_argument, "openai options: must be a JSON object");
  if (const auto named = parsed->find("dialect"); named != parsed->end()) {
    const Service* service =
        named->is_string() ? find_service(named->get_ref<const std::string&>()) : nullptr;
    if (!service) return bad_option("dialect", "one of: " + service_names());
    dialect = service->dialect;
  }
  for (const auto& [name, value] : parsed->items()) {
    bool own = false;
    each_word(more, [&, &key = name](std::string_view word) { own |= word == key; });
    if (own) continue;
    if (auto fine = read_option(name, value, dialect); !fine) return fine.error();
  }
  dialect.think_tags |= dialect.think_open;
  return dialect;
}

}  // namespace scena::llm::openai
