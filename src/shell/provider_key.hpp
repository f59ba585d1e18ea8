#pragma once

#include <optional>
#include <scena/config.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace scena::shell {

/// The key of the provider that the configuration chooses. It is looked for, never used.
struct ProviderKey {
  std::string variable;  ///< Where the environment has it, e.g. "OPENAI_API_KEY".
  bool given = false;    ///< By the configuration or the environment.
  bool needed = true;    ///< False for a server of one's own, which may ask for none.
};

/// The environment variables that may have the key of a kind of provider, the first choice first.
std::vector<std::string> key_variables(std::string_view kind);

/// Nothing for providers that are no service.
std::optional<ProviderKey> provider_key(const Config& config);

/// What is said where the key is needed and not given.
Error no_key(const Config& config, const ProviderKey& key);

}  // namespace scena::shell
