#pragma once

#include <memory>
#include <scena/config.hpp>
#include <scena/ext/provider.hpp>

#include "llm/provider_context.hpp"
#include "llm/provider_url.hpp"

namespace scena::llm::openai {

/// A provider for OpenAI's chat completions and every service that speaks them; only the base URL
/// differs (default https://api.openai.com/v1; "/chat/completions" is put behind it).
///
/// Without a key no Authorization header is sent, which local servers accept; OpenAI's own service
/// needs one. `config.options` may hold, as a JSON object: `no_finish_reason` (bool), `usage`
/// ("request" or "never"), `reasoning` (bool: overrides what the model's name tells).
Result<std::shared_ptr<Provider>> make_provider(const ProviderConfig& config,
                                                const ProviderUrl& url,
                                                const ProviderContext& context);

}  // namespace scena::llm::openai
