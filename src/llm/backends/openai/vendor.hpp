#pragma once

#include <functional>
#include <memory>
#include <scena/config.hpp>
#include <string>
#include <string_view>

#include "llm/backends/openai/dialect.hpp"
#include "llm/http_provider.hpp"

namespace scena::llm::openai {

/// Where chat completions are served and how a call identifies itself.
struct Endpoint {
  std::string name;
  std::string default_model;
  std::function<std::string(std::string_view model)> url;
  bool key_header = false;  ///< `api-key: KEY` in place of `Authorization: Bearer KEY`.
  bool official = false;
};

/// The vendor for an endpoint and a dialect.
std::shared_ptr<const Vendor> make_vendor(const ProviderConfig& config, Endpoint endpoint,
                                          const Dialect& dialect, const ModelBook* models);

}  // namespace scena::llm::openai
