#pragma once

#include <scena/config.hpp>
#include <scena/engine.hpp>

#include "shell/args.hpp"

namespace scena::shell {

/// The engine's configuration: the file of --config, over it the environment, over both the options
/// of the command line. Errors name every fault.
Result<Config> make_config(const Args& args);

/// Keys from the environment, log lines to the error output.
Dependencies make_dependencies();

/// The URL of the provider that the configuration chooses, also where it is chosen by a name.
std::string provider_url(const Config& config);

}  // namespace scena::shell
