#pragma once

#include <optional>
#include <scena/config.hpp>
#include <string>

namespace scena::shell {

/// The key of the provider that the configuration chooses. It is looked for, never used.
struct ProviderKey {
  std::string variable;  ///< Where the environment has it, e.g. "OPENAI_API_KEY".
  bool given = false;    ///< By the configuration or the environment.
  bool needed = true;    ///< False for a server of one's own, which may ask for none.
};

/// Nothing for providers that are no service.
std::optional<ProviderKey> provider_key(const Config& config);

/// What is said where the key is needed and not given.
Error no_key(const Config& config, const ProviderKey& key);

}  // namespace scena::shell
