#pragma once

#include <memory>
#include <scena/config.hpp>
#include <scena/ext/provider.hpp>
#include <scena/result.hpp>

#include "llm/provider_context.hpp"
#include "llm/provider_url.hpp"

namespace scena::fault {

/// The provider "fault:": scripted replies with faults on a schedule, in process. The schedule
/// stands in the URL ("fault:429x2,ok") or in config.options (steps, repeat, random, seed); what is
/// said comes from the options' members of a script. See docs/reference/fault.md.
///
/// The context's loop outlives the provider; start() is called on the thread that polls it.
Result<std::shared_ptr<Provider>> make_provider(const ProviderConfig& config,
                                                const llm::ProviderUrl& url,
                                                const llm::ProviderContext& context);

/// What can be told of a configuration without making anything. The error's pointer is the member
/// at fault; empty: the URL.
Result<void> check_config(const ProviderConfig& config, const llm::ProviderUrl& url);

}  // namespace scena::fault
