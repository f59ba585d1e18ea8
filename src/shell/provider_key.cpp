#include "shell/provider_key.hpp"

#include <algorithm>
#include <cstdlib>

#include "shell/config.hpp"

namespace scena::shell {
namespace {

bool has_env(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value && *value;
}

// The one that is set, else the last.
std::string key_of(std::string_view kind) {
  const auto names = key_variables(kind);
  const auto set = std::find_if(names.begin(), names.end(), has_env);
  return set == names.end() ? names.back() : *set;
}

// "openai:MODEL" takes address and key from the entry "openai".
ProviderConfig entry_of(const Config& config, const std::string& url, const std::string& kind) {
  auto named = config.providers.find(config.provider);
  if (named == config.providers.end() && url.find("://") == std::string::npos)
    named = config.providers.find(kind);
  return named == config.providers.end() ? ProviderConfig() : named->second;
}

}  // namespace

std::vector<std::string> key_variables(std::string_view kind) {
  if (kind == "gemini") return {"GEMINI_API_KEY", "GOOGLE_API_KEY"};
  if (kind == "cohere") return {"CO_API_KEY"};
  if (kind == "azure") return {"AZURE_OPENAI_API_KEY"};
  if (kind == "openai_responses") return {"OPENAI_API_KEY"};
  std::string key = std::string(kind) + "_API_KEY";
  std::transform(key.begin(), key.end(), key.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return {key};
}

std::optional<ProviderKey> provider_key(const Config& config) {
  const std::string url = provider_url(config);
  const std::string kind(provider_kind(url));
  if (kind == "script" || kind == "fault") return std::nullopt;
  const ProviderConfig entry = entry_of(config, url, kind);
  ProviderKey key{.variable = key_of(kind)};
  key.given = !entry.api_key.empty() || has_env(key.variable);
  const std::string address = url.find("://") == std::string::npos ? entry.base_url : url;
  if (kind == "azure") {
    key.needed = !entry.headers.contains("Authorization");
  } else {
    key.needed = kind != "ollama" &&
                 (address.empty() ||
                  (kind == "openai" && address.find("//api.openai.com") != std::string::npos));
  }
  return key;
}

Error no_key(const Config& config, const ProviderKey& key) {
  return Error(ErrorCode::unauthenticated, config.provider + " has no key; set " + key.variable);
}

}  // namespace scena::shell
