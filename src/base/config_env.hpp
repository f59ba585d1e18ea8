#pragma once

#include <functional>
#include <scena/config.hpp>
#include <span>
#include <string_view>

namespace scena {

/// The value of a variable, or nullptr.
using EnvLookup = std::function<const char*(const char* name)>;

/// Config::from_env() with the environment passed in.
Result<Config> config_from(const EnvLookup& lookup, Config base);

/// Every variable that is read, for the reference page's test.
std::span<const std::string_view> env_names() noexcept;

}  // namespace scena
