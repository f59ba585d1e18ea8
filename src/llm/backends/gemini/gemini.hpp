#pragma once

#include <memory>
#include <scena/config.hpp>
#include <scena/ext/provider.hpp>
#include <string>

#include "llm/provider_context.hpp"
#include "llm/provider_url.hpp"

namespace scena::llm::gemini {

/// A provider for Gemini's generateContent (default base URL
/// https://generativelanguage.googleapis.com; "/v1beta/models/MODEL:..." is put behind it). A base
/// that ends in "/v1" or "/v1beta" keeps its version; one with "/publishers/", as Vertex has, gets
/// "/models/MODEL:..." alone. Options: {"auth": "api_key" | "bearer"}, by default "bearer" for a
/// Vertex base: the key is then an access token.
Result<std::shared_ptr<Provider>> make_provider(const ProviderConfig& config,
                                                const ProviderUrl& url,
                                                const ProviderContext& context);

/// The query of requests for a stream.
inline constexpr const char* kStreamQuery = "?alt=sse";
inline std::string stream_query(const ProviderConfig&, const ProviderUrl&) {
  return kStreamQuery;
}

}  // namespace scena::llm::gemini
