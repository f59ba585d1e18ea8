#pragma once

#include <memory>
#include <scena/config.hpp>
#include <scena/ext/embedder.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "llm/provider_url.hpp"
#include "llm/secret_words.hpp"
#include "net/http.hpp"

namespace scena::llm {

/// How much of a request goes into one call of a service.
struct EmbedLimits {
  std::size_t texts = 96;
  std::size_t bytes = 512u << 10;  ///< Of all texts; one longer text goes alone.
};

/// The vectors of one answer, in the texts' order.
struct EmbeddedBatch {
  std::size_t dimensions = 0;
  std::vector<float> values;
  UsageUpdate usage;
};

/// What distinguishes one service of embeddings from another. Immutable and without I/O.
class EmbedVendor {
 public:
  virtual ~EmbedVendor() = default;
  virtual std::string_view name() const noexcept = 0;
  virtual const SecretWords& secrets() const noexcept = 0;
  virtual EmbedLimits limits() const noexcept = 0;
  /// The model that the request means; may be empty where the service has one only.
  virtual Result<std::string> model(const EmbeddingRequest& request) const = 0;
  /// URL, headers and body of the call for some of the request's texts.
  virtual net::HttpRequest http_request(const EmbeddingRequest& request, const std::string& model,
                                        std::span<const std::string> texts) const = 0;
  /// Reads a whole answer to `texts` texts. protocol when it is none.
  virtual Result<EmbeddedBatch> read(std::string_view body, std::size_t texts) const = 0;
};

/// The model of the request, else the configured one; an error with an example where both are
/// empty.
Result<std::string> named_model(const std::string& asked, const std::string& configured,
                                std::string_view example);
/// A call of the URL, with the key as a bearer token where there is one.
net::HttpRequest embed_call(const std::string& url, const Secret& key);

/// The services with embeddings, in their folders: each makes its vendor, or says what is missing.
Result<std::shared_ptr<const EmbedVendor>> make_openai_embed(const ProviderConfig& config,
                                                             const ProviderUrl& url);
Result<std::shared_ptr<const EmbedVendor>> make_gemini_embed(const ProviderConfig& config,
                                                             const ProviderUrl& url);
Result<std::shared_ptr<const EmbedVendor>> make_cohere_embed(const ProviderConfig& config,
                                                             const ProviderUrl& url);
Result<std::shared_ptr<const EmbedVendor>> make_ollama_embed(const ProviderConfig& config,
                                                             const ProviderUrl& url);

}  // namespace scena::llm
