#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <scena/result.hpp>
#include <scena/secret.hpp>
#include <string>
#include <string_view>

namespace scena {

/// Where keys and passwords come from when the configuration leaves them out. Names are those of
/// the usual environment variables, e.g. "OPENAI_API_KEY".
///
/// Threading: get() may be called from any thread, at any time: keys may be rotated while the
/// engine runs. It returns soon and calls nothing of the engine.
class SecretSource {
 public:
  virtual ~SecretSource() = default;
  /// The secret, nothing when it is not here, or why it could not be read. The error never holds
  /// it.
  virtual Result<std::optional<Secret>> get(std::string_view name) = 0;
};

/// Environment variables, read at each call. An empty one counts as absent.
std::shared_ptr<SecretSource> env_secrets();

/// One file a secret, `folder`/NAME, as container platforms mount them; one line end at the end is
/// dropped. Names other than letters, digits, "_", "-" and "." are never looked up.
std::shared_ptr<SecretSource> file_secrets(std::string folder);

/// The host's own function, kept. What it throws becomes an Error (unavailable). A text that it
/// gives is wiped.
std::shared_ptr<SecretSource> callback_secrets(
    std::function<std::optional<std::string>(std::string_view name)> get);

}  // namespace scena
