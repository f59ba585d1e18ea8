#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <scena/config.hpp>
#include <scena/ext/provider.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "llm/provider_context.hpp"
#include "llm/provider_url.hpp"

namespace scena::llm {

/// Makes a provider of one kind. `url` is config.url taken apart; where config sets base_url or
/// model, those win and stand in `url` already.
using ProviderFactory = std::function<Result<std::shared_ptr<Provider>>(
    const ProviderConfig& config, const ProviderUrl& url, const ProviderContext& context)>;

/// The query that a kind's requests have of themselves, from its "?"; empty: none.
using ProviderQuery =
    std::function<std::string(const ProviderConfig& config, const ProviderUrl& url)>;

/// Whether a configuration is one for the kind.
using ProviderCheck =
    std::function<Result<void>(const ProviderConfig& config, const ProviderUrl& url)>;

/// What is known of a kind of providers before one is made.
struct ProviderKind {
  ProviderFactory factory;
  /// Names under which its secret is usually kept, e.g. "OPENAI_API_KEY", the first one that is
  /// there counts. Empty: it needs none.
  std::vector<std::string> key_names = {};
  /// What check() keeps a configuration from setting again.
  ProviderQuery query = {};
  /// What else check() looks at, beyond the URL's grammar: text behind the kind's colon, options.
  /// The error's pointer is the member at fault, "/url" where it has none.
  ProviderCheck check = {};
  /// Whether a model's name stands behind the kind's colon.
  bool names_model = true;
  /// JSON pointers of the output limit in a request's body; of two that are set the first counts.
  std::vector<std::string> output_limits = {};
};

/// The kinds of providers by name. A host registers its own with the same call.
///
/// Threading: filled before the first make(), then read by any thread.
class ProviderRegistry {
 public:
  /// A kind that exists is replaced.
  void add(std::string name, ProviderKind kind);

  /// The provider that `config` describes. invalid_argument for a wrong URL or an unknown kind,
  /// with the kinds that exist.
  Result<std::shared_ptr<Provider>> make(const ProviderConfig& config,
                                         const ProviderContext& context) const;

  /// Checks a URL and its kind without making anything: for configuration faults.
  Result<ProviderUrl> check(std::string_view url) const;

  /// Checks a configuration likewise; the error's pointer is its member at fault.
  Result<void> check(const ProviderConfig& config) const;

  /// The URL of a configuration, checked, whose base_url and model win over those of its URL.
  Result<ProviderUrl> resolve(const ProviderConfig& config) const;

  bool has(std::string_view kind) const { return kinds_.find(kind) != kinds_.end(); }
  /// Where the key of such a provider is looked for when its configuration has none: in this order.
  std::span<const std::string> key_names(std::string_view kind) const;
  /// The model that is asked where a request names none; empty: not known.
  std::string default_model(const ProviderConfig& config) const;
  /// How many output tokens a reply may have at most by the configured body, which goes over what a
  /// request asks for; by the service's own name for it. nullopt: the body says nothing.
  std::optional<std::int64_t> output_limit(const ProviderConfig& config) const;
  /// "anthropic, openai, script": for messages.
  std::string kinds() const;
  std::vector<std::string> kind_names() const;

 private:
  std::map<std::string, ProviderKind, std::less<>> kinds_;
};

/// Registers every kind that comes with the library.
void add_builtin_providers(ProviderRegistry& registry);

}  // namespace scena::llm
