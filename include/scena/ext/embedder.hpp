#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <scena/ext/provider.hpp>
#include <scena/result.hpp>
#include <scena/usage.hpp>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace scena {

/// What vectors are made for: services with different vectors for each are told.
enum class EmbeddingPurpose { document, query, classification, clustering };
/// The name as it stands in JSON, e.g. "document". Never null.
const char* to_string(EmbeddingPurpose purpose) noexcept;

/// Texts that are to become vectors.
struct EmbeddingRequest {
  std::string model;                                      ///< Empty: the provider's default.
  std::vector<std::string> texts;                         ///< UTF-8, none empty; at most 100,000.
  std::optional<std::size_t> dimensions;                  ///< Not set: the model's own.
  EmbeddingPurpose purpose = EmbeddingPurpose::document;  ///< What the vectors are for.
  Timeouts timeouts;                                      ///< Of each of the service's answers.
  CallContext context;                                    ///< Whom the call belongs to.
};

/// A vector for each text, in the texts' order.
struct Embeddings {
  std::string model;           ///< As it was asked for.
  std::size_t dimensions = 0;  ///< Of each vector.
  std::vector<float> values;   ///< All vectors, one behind the other.
  Usage usage;                 ///< Input tokens, of all answers together.

  /// Number of vectors.
  std::size_t size() const noexcept { return dimensions == 0 ? 0 : values.size() / dimensions; }
  /// The vector of text `index`, which must be below size().
  std::span<const float> vector(std::size_t index) const noexcept {
    return std::span(values).subspan(index * dimensions, dimensions);
  }
};

/// A source of vectors for texts: a service's API or a local model. What one object does for
/// Provider, this does for embeddings; it knows nothing of sessions or budgets.
///
/// Threading: as Provider.
class Embedder {
 public:
  /// Called once, with all vectors or the first failure.
  using Done = std::function<void(Result<Embeddings>)>;

  virtual ~Embedder() = default;
  /// A short fixed name for logs, e.g. "openai".
  virtual std::string_view name() const noexcept = 0;
  /// Starts and returns at once; never calls `done` before it returned. A stop request ends it with
  /// Error `cancelled`.
  virtual void start(EmbeddingRequest request, Done done, std::stop_token stop) = 0;
};

}  // namespace scena
