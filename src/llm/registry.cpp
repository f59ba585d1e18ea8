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

void ProviderRegistry::add(std::string kind, std::string key_name, ProviderFactory factory,
                           std::string other_key_name, ProviderQuery query) {
  Kind entry{{}, std::move(factory), std::move(query)};
  for (std::string* name : {&key_name, &other_key_name}) {
    if (!name->empty()) entry.key_names.push_back(std::move(*name));
  }
  kinds_.insert_or_assign(std::move(kind), std::move(entry));
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
  if (auto url = check(config.url); !url) return Error(url.error()).with_pointer("/url");
  if (config.query.empty()) return {};
  const auto url = resolve(config);
  if (!url) return Error(url.error()).with_pointer("/base_url");
  const ProviderQuery& query = kinds_.find(url->kind)->second.query;
  const std::string own = query ? query(config, *url) : std::string();
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
  own.query = config.query;
  own.body = config.body;
  return kinds_.find(url->kind)->second.factory(config, *url, own);
}

void add_builtin_providers(ProviderRegistry& registry) {
  registry.add("anthropic", "ANTHROPIC_API_KEY", anthropic::make_provider);  // "anthropic:MODEL"
  registry.add("azure", "AZURE_OPENAI_API_KEY", openai::make_azure_provider, {},
               openai::azure_query);                            // "azure:DEPLOYMENT@https://..."
  registry.add("cohere", "CO_API_KEY", cohere::make_provider);  // "cohere:MODEL"
  registry.add("gemini", "GOOGLE_API_KEY", gemini::make_provider, "GEMINI_API_KEY",
               gemini::stream_query);                               // "gemini:MODEL"
  registry.add("ollama", "OLLAMA_API_KEY", ollama::make_provider);  // "ollama:MODEL"
  registry.add("openai", "OPENAI_API_KEY",
               openai::make_provider);  // "openai:MODEL", "openai+http://..."
  registry.add("openai_responses", "OPENAI_API_KEY",
               openai_responses::make_provider);      // "openai_responses:MODEL"
  registry.add("fault", "", fault::make_provider);    // "fault:429x2,ok"
  registry.add("script", "", script::make_provider);  // "script:"
}

}  // namespace scena::llm
