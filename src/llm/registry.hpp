#pragma once

#include <functional>
#include <map>
#include <memory>
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

/// The kinds of providers by name. A host registers its own with the same call.
///
/// Threading: filled before the first make(), then read by any thread.
class ProviderRegistry {
 public:
  /// `key_name` is the usual name of the kind's secret, e.g. "OPENAI_API_KEY"; empty: needs none.
  /// `other_key_name` is looked for when there is none of that name; `query` is what check() keeps
  /// a configuration from setting again. A kind that exists is replaced.
  void add(std::string kind, std::string key_name, ProviderFactory factory,
           std::string other_key_name = {}, ProviderQuery query = {});

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
  /// "anthropic, openai, script": for messages.
  std::string kinds() const;
  std::vector<std::string> kind_names() const;

 private:
  struct Kind {
    std::vector<std::string> key_names;
    ProviderFactory factory;
    ProviderQuery query;
  };
  std::map<std::string, Kind, std::less<>> kinds_;
};

/// Registers every kind that comes with the library.
void add_builtin_providers(ProviderRegistry& registry);

}  // namespace scena::llm
