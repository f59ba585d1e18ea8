#include "base/json_writer.hpp"
#include "llm/embed/embed_vendor.hpp"
#include "llm/embed/vector_reader.hpp"

namespace scena::llm {
namespace {

constexpr std::string_view kLocalBase = "http://localhost:11434";

// POST {base}/api/embed.
class OllamaEmbed final : public EmbedVendor {
 public:
  OllamaEmbed(const ProviderConfig& config, std::string base, std::string model)
      : config_(config), secrets_(config), url_(std::move(base)), model_(std::move(model)) {
    url_ += url_.ends_with("/api") ? "/embed" : "/api/embed";
  }

  std::string_view name() const noexcept override { return "ollama"; }
  const SecretWords& secrets() const noexcept override { return secrets_; }
  EmbedLimits limits() const noexcept override { return {256, 512u << 10}; }

  Result<std::string> model(const EmbeddingRequest& request) const override {
    return named_model(request.model, model_, "nomic-embed-text");
  }

  net::HttpRequest http_request(const EmbeddingRequest& request, const std::string& model,
                                std::span<const std::string> texts) const override {
    net::HttpRequest http = embed_call(url_, config_.api_key);
    JsonWriter json(http.body);
    json.begin_object().member("model", model).key("input").begin_array();
    for (const auto& text : texts) json.value(text);
    json.end_array();
    if (request.dimensions)
      json.member("dimensions", static_cast<std::uint64_t>(*request.dimensions));
    json.end_object();
    return http;
  }

  Result<EmbeddedBatch> read(std::string_view body, std::size_t texts) const override {
    VectorReader vectors;
    UsageUpdate usage;
    JsonCursor json(body);
    json.object([&](std::string_view name) {
      if (name == "embeddings") json.array([&] { vectors.read(json); });
      if (name == "prompt_eval_count") usage.input_tokens = json.count();
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

Result<std::shared_ptr<const EmbedVendor>> make_ollama_embed(const ProviderConfig& config,
                                                             const ProviderUrl& url) {
  const std::string base = url.base_url.empty() ? std::string(kLocalBase) : url.base_url;
  return std::shared_ptr<const EmbedVendor>(std::make_shared<OllamaEmbed>(config, base, url.model));
}

}  // namespace scena::llm
