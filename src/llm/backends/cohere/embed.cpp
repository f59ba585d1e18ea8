#include "base/json_writer.hpp"
#include "llm/embed/embed_vendor.hpp"
#include "llm/embed/vector_reader.hpp"
#include "llm/provider_failure.hpp"

namespace scena::llm {
namespace {

constexpr std::string_view kCohereEmbedBase = "https://api.cohere.com";

std::string_view input_type_of(EmbeddingPurpose purpose) {
  switch (purpose) {
    case EmbeddingPurpose::query:
      return "search_query";
    case EmbeddingPurpose::classification:
      return "classification";
    case EmbeddingPurpose::clustering:
      return "clustering";
    case EmbeddingPurpose::document:
      break;
  }
  return "search_document";
}

// POST {base}/v2/embed.
class CohereEmbed final : public EmbedVendor {
 public:
  CohereEmbed(const ProviderConfig& config, std::string base, std::string model)
      : config_(config), secrets_(config), url_(std::move(base)), model_(std::move(model)) {
    url_ += url_.ends_with("/v2") ? "/embed" : "/v2/embed";
  }

  std::string_view name() const noexcept override { return "cohere"; }
  const SecretWords& secrets() const noexcept override { return secrets_; }
  EmbedLimits limits() const noexcept override { return {96, 512u << 10}; }

  Result<std::string> model(const EmbeddingRequest& request) const override {
    return named_model(request.model, model_, "embed-v4.0");
  }

  net::HttpRequest http_request(const EmbeddingRequest& request, const std::string& model,
                                std::span<const std::string> texts) const override {
    net::HttpRequest http = embed_call(url_, config_.api_key);
    JsonWriter json(http.body);
    json.begin_object().member("model", model).member("input_type", input_type_of(request.purpose));
    json.key("texts").begin_array();
    for (const auto& text : texts) json.value(text);
    json.end_array().key("embedding_types").begin_array().value("float").end_array();
    if (request.dimensions)
      json.member("output_dimension", static_cast<std::uint64_t>(*request.dimensions));
    json.end_object();
    return http;
  }

  // Tokens are told as billed units alone.
  Result<EmbeddedBatch> read(std::string_view body, std::size_t texts) const override {
    VectorReader vectors;
    UsageUpdate usage;
    JsonCursor json(body);
    json.object([&](std::string_view name) {
      if (name == "embeddings") {
        json.object([&](std::string_view type) {
          if (type == "float" || type == "float_") json.array([&] { vectors.read(json); });
        });
      } else if (name == "meta") {
        json.object([&](std::string_view inner) {
          if (inner != "billed_units" && inner != "tokens") return;
          json.object([&](std::string_view unit) {
            if (unit != "input_tokens") return;
            (inner == "tokens" ? usage.input_tokens : usage.billed_input_tokens) = json.count();
          });
        });
      }
    });
    if (!json.finish()) return no_vectors("the provider's answer is not valid JSON");
    auto batch = vectors.take(texts);
    if (batch) batch->usage = usage;
    return batch;
  }

 private:
  ProviderConfig config_;
  SecretWords secrets_;
  std::string url_;
  std::string model_;
};

}  // namespace

Result<std::shared_ptr<const EmbedVendor>> make_cohere_embed(const ProviderConfig& config,
                                                             const ProviderUrl& url) {
  if (url.base_url.empty() && config.api_key.empty()) return missing_key("cohere", "CO_API_KEY");
  const std::string base = url.base_url.empty() ? std::string(kCohereEmbedBase) : url.base_url;
  return std::shared_ptr<const EmbedVendor>(std::make_shared<CohereEmbed>(config, base, url.model));
}

}  // namespace scena::llm
