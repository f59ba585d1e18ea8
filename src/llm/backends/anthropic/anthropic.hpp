#pragma once

#include <memory>
#include <scena/config.hpp>
#include <scena/ext/provider.hpp>

#include "llm/provider_context.hpp"
#include "llm/provider_url.hpp"

namespace scena::llm::anthropic {

/// A provider for Anthropic's messages (default base URL https://api.anthropic.com; "/v1/messages"
/// is put behind it, also when the base ends in "/v1"). Takes no options.
Result<std::shared_ptr<Provider>> make_provider(const ProviderConfig& config,
                                                const ProviderUrl& url,
                                                const ProviderContext& context);

}  // namespace scena::llm::anthropic
