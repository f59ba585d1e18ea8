#include "llm/registry.hpp"

#include <fmt/format.h>

#include "base/json.hpp"
#include "llm/backends/anthropic/anthropic.hpp"
#include "llm/backends/cohere/cohere.hpp"
#include "llm/backends/fault/fault.hpp"
#include "llm/backends/gemini/gemini.hpp"
#include "llm/backends/ollama/ollama.hpp"
#include "llm/backends/openai/openai.hpp"
#include "llm/backends/openai_responses/openai_responses.hpp"
#include "llm/backends/script/script.hpp"
#include "llm/pass_through.hpp"

namespace scena::llm {
namespace {

constexpr double kLargestLimit = 1e12;

}  // namespace

void ProviderRegistry::add(std::string name, ProviderKind kind) {
  kinds_.insert_or_assign(std::move(name), std::move(kind));
}

std::string ProviderRegistry::kinds() const {
  std::string names;
  for (const auto& [name, kind] : kinds_) {
    if (!names.empty()) names += ", ";
    names += name;
  }
  return names;
}

std::vector<std::string> ProviderRegistry::kind_names() const {
  std::vector<std::string> names;
  for (const auto& [name, kind] : kinds_) names.push_back(name);
  return names;
}

std::span<const std::string> ProviderRegistry::key_names(std::string_view kind) const {
  const auto found = kinds_.find(kind);
  if (found == kinds_.end()) return {};
  return found->second.key_names;
}

Result<ProviderUrl> ProviderRegistry::check(std::string_view url) const {
  auto parsed = parse_provider_url(url);
  if (parsed && !has(parsed->kind)) {
    return Error(
        ErrorCode::invalid_argument,
        fmt::format("provider kind \"{}\" does not exist; use one of: {}", parsed->kind, kinds()));
  }
  return parsed;
}

Result<void> ProviderRegistry::check(const ProviderConfig& config) const {
  const auto as_written = check(config.url);
  if (!as_written) return Error(as_written.error()).with_pointer("/url");
  const ProviderKind& kind = kinds_.find(as_written->kind)->second;
  if (kind.check) {
    if (auto fine = kind.check(config, *as_written); !fine) {
      const bool placed = !fine.error().pointer().empty();
      return placed ? fine.error() : Error(fine.error()).with_pointer("/url");
    }
  }
  const auto url = resolve(config);
  if (!url) return Error(url.error()).with_pointer("/base_url");
  if (config.query.empty()) return {};
  const std::string own = kind.query ? kind.query(config, *url) : std::string();
  for (const auto& [name, value] : config.query) {
    if (!has_query(own, name)) continue;
    return Error(ErrorCode::invalid_argument,
                 fmt::format("query: \"{}\" is set by the provider itself; leave it out", name))
        .with_pointer(json_pointer("/query", name));
  }
  return {};
}

Result<ProviderUrl> ProviderRegistry::resolve(const ProviderConfig& config) const {
  auto url = check(config.url);
  if (!url) return url.error();
  if (!config.model.empty()) url->model = config.model;
  if (!config.base_url.empty()) {
    auto base = parse_base_url(config.base_url);
    if (!base) return base.error();
    url->base_url = std::move(*base);
  }
  return url;
}

Result<std::shared_ptr<Provider>> ProviderRegistry::make(const ProviderConfig& config,
                                                         const ProviderContext& context) const {
  const auto url = resolve(config);
  if (!url) return url.error();
  ProviderContext own = context;
  own.headers = config.headers;
  own.query = config.query;
  own.body = config.body;
  return kinds_.find(url->kind)->second.factory(config, *url, own);
}

std::string ProviderRegistry::default_model(const ProviderConfig& config) const {
  const auto url = resolve(config);
  if (!url) return {};
  return kinds_.find(url->kind)->second.names_model ? url->model : config.model;
}

std::optional<std::int64_t> ProviderRegistry::output_limit(const ProviderConfig& config) const {
  if (config.body.empty()) return std::nullopt;
  const auto url = check(config.url);
  const auto body = parse_json(config.body, {.careful = true});
  if (!url || !body) return std::nullopt;
  for (const auto& place : kinds_.find(url->kind)->second.output_limits) {
    const Json::json_pointer pointer(place);
    if (!body->contains(pointer)) continue;
    const Json& limit = (*body)[pointer];
    if (limit.is_number_integer() && limit.get<double>() >= 1 &&
        limit.get<double>() <= kLargestLimit)
      return limit.get<std::int64_t>();
  }
  return std::nullopt;
}

void add_builtin_providers(ProviderRegistry& registry) {
  const std::vector<std::string> openai_limits = {"/max_completion_tokens", "/max_tokens"};
  // "anthropic:MODEL"
  registry.add("anthropic", {.factory = anthropic::make_provider,
                             .key_names = {"ANTHROPIC_API_KEY"},
                             .output_limits = {"/max_tokens"}});
  // "azure:DEPLOYMENT@https://..."
  registry.add("azure", {.factory = openai::make_azure_provider,
                         .key_names = {"AZURE_OPENAI_API_KEY"},
                         .query = openai::azure_query,
                         .output_limits = openai_limits});
  // "cohere:MODEL"
  registry.add("cohere", {.factory = cohere::make_provider,
                          .key_names = {"CO_API_KEY"},
                          .output_limits = {"/max_tokens"}});
  // "gemini:MODEL"
  registry.add("gemini", {.factory = gemini::make_provider,
                          .key_names = {"GOOGLE_API_KEY", "GEMINI_API_KEY"},
                          .query = gemini::stream_query,
                          .output_limits = {"/generationConfig/maxOutputTokens"}});
  // "ollama:MODEL"
  registry.add("ollama", {.factory = ollama::make_provider,
                          .key_names = {"OLLAMA_API_KEY"},
                          .output_limits = {"/options/num_predict"}});
  // "openai:MODEL", "openai+http://..."
  registry.add("openai", {.factory = openai::make_provider,
                          .key_names = {"OPENAI_API_KEY"},
                          .output_limits = openai_limits});
  // "openai_responses:MODEL"
  registry.add("openai_responses", {.factory = openai_responses::make_provider,
                                    .key_names = {"OPENAI_API_KEY"},
                                    .output_limits = {"/max_output_tokens"}});
  // "fault:429x2,ok"
  registry.add(
      "fault",
      {.factory = fault::make_provider, .check = fault::check_config, .names_model = false});
  // "script:"
  registry.add(
      "script",
      {.factory = script::make_provider, .check = script::check_config, .names_model = false});
}

}  // namespace scena::llm
