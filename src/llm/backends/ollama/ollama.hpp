#pragma once

#include <memory>
#include <scena/config.hpp>
#include <scena/ext/provider.hpp>

#include "llm/provider_context.hpp"
#include "llm/provider_url.hpp"

namespace scena::llm::ollama {

/// A provider for Ollama's own chat (default base URL http://localhost:11434; "/api/chat" is put
/// behind it, also when the base ends in "/api"). Needs no key; one that is set goes out as a
/// bearer token. Options: {"num_ctx": tokens, "keep_alive": "5m" or seconds}.
Result<std::shared_ptr<Provider>> make_provider(const ProviderConfig& config,
                                                const ProviderUrl& url,
                                                const ProviderContext& context);

}  // namespace scena::llm::ollama
