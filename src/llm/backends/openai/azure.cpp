#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "llm/backends/openai/openai.hpp"
#include "llm/backends/openai/vendor.hpp"

namespace scena::llm::openai {
namespace {

Result<std::string> read_version(std::string_view options) {
  if (options.empty()) return std::string();
  const auto parsed = parse_json(options, {.careful = true});
  if (!parsed || !parsed->is_object()) return std::string();  // read_dialect tells
  const auto version = parsed->find("api_version");
  if (version == parsed->end()) return std::string();
  if (!version->is_string() || version->get_ref<const std::string&>().empty()) {
    return Error::fixed(ErrorCode::invalid_argument,
                        "azure options: \"api_version\" must be a text, e.g. \"2024-10-21\"")
        .with_pointer("/options/api_version");
  }
  return version->get<std::string>();
}

// A base that ends in /v1 needs no version, and takes one.
std::string query_of(std::string_view version, std::string_view base) {
  if (version.empty() && base.ends_with("/v1")) return {};
  return "?api-version=" + percent_encode(version.empty() ? kAzureVersion : version);
}

}  // namespace

std::string azure_query(const ProviderConfig& config, const ProviderUrl& url) {
  const auto version = read_version(config.options);
  return query_of(version ? *version : std::string(), url.base_url);
}

Result<std::shared_ptr<Provider>> make_azure_provider(const ProviderConfig& config,
                                                      const ProviderUrl& url,
                                                      const ProviderContext& context) {
  const bool authorized = std::any_of(
      config.headers.begin(), config.headers.end(),
      [](const auto& header) { return equals_ignore_case(header.first, "Authorization"); });
  if (config.api_key.empty() && !authorized) {
    return Error::fixed(ErrorCode::unauthenticated,
                        "azure: no key; set api_key or the header Authorization, or "
                        "AZURE_OPENAI_API_KEY where the engine's secrets come from");
  }
  if (url.base_url.empty()) {
    return Error::fixed(ErrorCode::invalid_argument,
                        "azure: no address; use \"azure:DEPLOYMENT@https://RESOURCE.openai.azure."
                        "com\", or set base_url or AZURE_OPENAI_ENDPOINT")
        .with_pointer("/base_url");
  }
  const auto version = read_version(config.options);
  if (!version) return version.error();
  // The host may be a proxy of the user's own: the dialect is Azure's wherever it stands.
  const auto dialect =
      read_dialect(config.options, "https://resource.openai.azure.com", "api_version");
  if (!dialect) return dialect.error();
  const bool plain = url.base_url.ends_with("/v1");
  Endpoint endpoint{.name = "azure", .default_model = url.model, .key_header = true};
  endpoint.official = url.base_url.find(".openai.azure.com") != std::string::npos;
  endpoint.url = [base = url.base_url, version = *version, plain](std::string_view deployment) {
    const std::string query = query_of(version, base);
    if (plain) return base + "/chat/completions" + query;
    return fmt::format("{}/openai/deployments/{}/chat/completions{}", base,
                       percent_encode(deployment), query);
  };
  return std::shared_ptr<Provider>(std::make_shared<HttpProvider>(
      make_vendor(config, std::move(endpoint), *dialect, context.models), context));
}

}  // namespace scena::llm::openai
