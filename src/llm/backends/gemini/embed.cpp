#include "base/json_writer.hpp"
#include "llm/backends/gemini/address.hpp"
#include "llm/embed/embed_vendor.hpp"
#include "llm/embed/vector_reader.hpp"
#include "llm/provider_failure.hpp"

namespace scena::llm {
namespace {

std::string_view task_of(EmbeddingPurpose purpose) {
  switch (purpose) {
    case EmbeddingPurpose::query:
      return "RETRIEVAL_QUERY";
    case EmbeddingPurpose::classification:
      return "CLASSIFICATION";
    case EmbeddingPurpose::clustering:
      return "CLUSTERING";
    case EmbeddingPurpose::document:
      break;
  }
  return "RETRIEVAL_DOCUMENT";
}

// POST {base}/v1beta/models/MODEL:batchEmbedContents. The service tells no usage.
class GeminiEmbed final : public EmbedVendor {
 public:
  GeminiEmbed(const ProviderConfig& config, const std::string& base, std::string model)
      : config_(config),
        secrets_(config),
        root_(gemini::model_root(base)),
        model_(std::move(model)) {}

  std::string_view name() const noexcept override { return "gemini"; }
  const SecretWords& secrets() const noexcept override { return secrets_; }
  EmbedLimits limits() const noexcept override { return {100, 512u << 10}; }

  Result<std::string> model(const EmbeddingRequest& request) const override {
    auto model = named_model(request.model, model_, "gemini-embedding-001");
    return model ? gemini::model_path(*model) : std::move(model);
  }

  net::HttpRequest http_request(const EmbeddingRequest& request, const std::string& model,
                                std::span<const std::string> texts) const override {
    net::HttpRequest http;
    http.url = root_ + model + ":batchEmbedContents";
    http.secret_headers.emplace_back("x-goog-api-key");
    if (!config_.api_key.empty()) http.headers.emplace_back("x-goog-api-key", config_.api_key);
    JsonWriter json(http.body);
    json.begin_object().key("requests").begin_array();
    for (const auto& text : texts) {
      json.begin_object().member("model", model).key("content").begin_object();
      json.key("parts").begin_array().begin_object().member("text", text).end_object();
      json.end_array().end_object().member("taskType", task_of(request.purpose));
      if (request.dimensions)
        json.member("outputDimensionality", static_cast<std::uint64_t>(*request.dimensions));
      json.end_object();
    }
    json.end_array().end_object();
    return http;
  }

  Result<EmbeddedBatch> read(std::string_view body, std::size_t texts) const override {
    VectorReader vectors;
    JsonCursor json(body);
    json.object([&](std::string_view name) {
      if (name != "embeddings") return;
      json.array([&] {
        json.object([&](std::string_view inner) {
          if (inner == "values") vectors.read(json);
        });
      });
    });
    if (!json.finish()) return no_vectors("the provider's answer is not valid JSON");
    return vectors.take(texts);
  }

 private:
  ProviderConfig config_;
  SecretWords secrets_;
  std::string root_;
  std::string model_;
};

}  // namespace

Result<std::shared_ptr<const EmbedVendor>> make_gemini_embed(const ProviderConfig& config,
                                                             const ProviderUrl& url) {
  if (url.base_url.empty() && config.api_key.empty()) {
    return missing_key("gemini", "GOOGLE_API_KEY or GEMINI_API_KEY");
  }
  const std::string base = url.base_url.empty() ? std::string(gemini::kOfficialBase) : url.base_url;
  if (gemini::is_vertex(base)) {
    return Error::fixed(ErrorCode::unsupported,
                        "gemini: embeddings are asked for at the Gemini API only, not at Vertex");
  }
  return std::shared_ptr<const EmbedVendor>(std::make_shared<GeminiEmbed>(config, base, url.model));
}

}  // namespace scena::llm
