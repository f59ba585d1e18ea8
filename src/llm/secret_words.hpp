#pragma once

#include <scena/config.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace scena::llm {

/// What must not be repeated of a configured service, wherever its answer says it: plain, or as an
/// address or JSON escape it.
class SecretWords {
 public:
  SecretWords() = default;
  /// Its keys, the values of its header fields, and those of its query whose names are sensitive:
  /// a host may give a key there as well. Of "Bearer KEY" the key counts too. Values under 8 bytes
  /// are no secrets.
  explicit SecretWords(const ProviderConfig& config);
  /// One secret; under 8 bytes it is none.
  explicit SecretWords(const Secret& secret);

  /// True when the text holds one.
  bool occur_in(std::string_view text) const noexcept;
  /// Puts "***" in the place of each.
  void take_out_of(std::string& text) const;

 private:
  void add(const Secret& word);
  std::vector<Secret> words_;
};

/// "Bearer KEY", as most services want it in `Authorization`.
Secret bearer(const Secret& key);

}  // namespace scena::llm
