#pragma once

#include <memory>
#include <scena/config.hpp>
#include <scena/ext/provider.hpp>

#include "llm/provider_context.hpp"
#include "llm/provider_url.hpp"

namespace scena::llm::cohere {

/// A provider for Cohere's chat, version 2 (default base URL https://api.cohere.com; "/v2/chat" is
/// put behind it, also when the base ends in "/v2"). Takes no options.
Result<std::shared_ptr<Provider>> make_provider(const ProviderConfig& config,
                                                const ProviderUrl& url,
                                                const ProviderContext& context);

}  // namespace scena::llm::cohere
