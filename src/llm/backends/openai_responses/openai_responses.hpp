#pragma once

#include <memory>
#include <scena/config.hpp>
#include <scena/ext/provider.hpp>

#include "llm/provider_context.hpp"
#include "llm/provider_url.hpp"

namespace scena::llm::openai_responses {

/// A provider for OpenAI's responses and services that speak them (default base URL
/// https://api.openai.com/v1; "/responses" is put behind it). Nothing is stored at the service:
/// reasoning comes back encrypted and goes with the next request. Options as of "openai".
Result<std::shared_ptr<Provider>> make_provider(const ProviderConfig& config,
                                                const ProviderUrl& url,
                                                const ProviderContext& context);

}  // namespace scena::llm::openai_responses
