#pragma once

#include <memory>
#include <scena/config.hpp>
#include <scena/ext/provider.hpp>
#include <string>

#include "llm/provider_context.hpp"
#include "llm/provider_url.hpp"

namespace scena::llm::openai {

/// A provider for OpenAI's chat completions and every service that speaks them; only the base URL
/// differs (default https://api.openai.com/v1; "/chat/completions" is put behind it).
///
/// Without a key no Authorization header is sent, which local servers accept; OpenAI's own service
/// needs one. `config.options` is a JSON object of what the service differs in, see Dialect: most
/// known services are told by their host, any by "dialect".
Result<std::shared_ptr<Provider>> make_provider(const ProviderConfig& config,
                                                const ProviderUrl& url,
                                                const ProviderContext& context);

/// The same for a deployment in Azure: "azure:DEPLOYMENT@https://RESOURCE.openai.azure.com". The
/// key goes into the header `api-key`; `api_version` among the options names the version (default
/// kAzureVersion). With a base URL that ends in "/v1" it is Azure's form without versions.
Result<std::shared_ptr<Provider>> make_azure_provider(const ProviderConfig& config,
                                                      const ProviderUrl& url,
                                                      const ProviderContext& context);

inline constexpr std::string_view kAzureVersion = "2024-10-21";
/// The query of such a deployment's requests: the version, where one is sent.
std::string azure_query(const ProviderConfig& config, const ProviderUrl& url);

}  // namespace scena::llm::openai
