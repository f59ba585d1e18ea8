#pragma once

#include <memory>
#include <scena/config.hpp>
#include <scena/ext/provider.hpp>
#include <scena/result.hpp>

#include "llm/provider_context.hpp"
#include "llm/provider_url.hpp"

namespace scena::script {

/// The provider "script:": deterministic replies without a network. See docs/reference/script.md.
/// Options (config.options): {"replies":[...]}, {"characters":{...}}, "delay_ms", "token_ms",
/// "instant".
///
/// The context's loop outlives the provider; start() is called on the thread that polls it.
Result<std::shared_ptr<Provider>> make_provider(const ProviderConfig& config,
                                                const llm::ProviderUrl& url,
                                                const llm::ProviderContext& context);

/// What can be told of a configuration without making anything. The error's pointer is the member
/// at fault; empty: the URL.
Result<void> check_config(const ProviderConfig& config, const llm::ProviderUrl& url);

}  // namespace scena::script
