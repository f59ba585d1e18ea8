#pragma once

#include <memory>
#include <scena/ext/embedder.hpp>

#include "llm/embed/embed_vendor.hpp"
#include "llm/provider_context.hpp"

namespace scena::llm {

class ProviderRegistry;

/// An Embedder over HTTP: splits the texts by the service's limits, asks for one batch after the
/// other, tries a failed one again as RetryPolicy says, and checks count and dimensions of every
/// answer. The request's texts and Config hold no more than the limits of Embeddings.
///
/// Threading: as Embedder; all calls of one object come on the thread of its loop.
class HttpEmbedder final : public Embedder {
 public:
  HttpEmbedder(std::shared_ptr<const EmbedVendor> vendor, const ProviderContext& context,
               int max_retries)
      : vendor_(std::move(vendor)), context_(context), max_retries_(max_retries) {}

  std::string_view name() const noexcept override { return vendor_->name(); }
  void start(EmbeddingRequest request, Done done, std::stop_token stop) override;

 private:
  class Run;
  std::shared_ptr<const EmbedVendor> vendor_;
  ProviderContext context_;
  int max_retries_;
};

/// The embedder of a configured provider. unsupported for kinds without embeddings.
Result<std::shared_ptr<Embedder>> make_embedder(const ProviderRegistry& registry,
                                                const ProviderConfig& config,
                                                const ProviderContext& context, int max_retries);

}  // namespace scena::llm
