#pragma once

#include <memory>
#include <scena/config.hpp>
#include <scena/ext/provider.hpp>
#include <scena/result.hpp>

namespace scena::net {
class Loop;
}

namespace scena::script {

/// The provider "script:": deterministic replies without a network. See docs/reference/script.md.
/// Options (config.options): {"replies":[...]}, {"characters":{...}}, "delay_ms", "token_ms",
/// "instant".
///
/// `loop` outlives the provider; start() is called on the thread that polls it.
Result<std::shared_ptr<Provider>> make_provider(const ProviderConfig& config, net::Loop& loop);

}  // namespace scena::script
