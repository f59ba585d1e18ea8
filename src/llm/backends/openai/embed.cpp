#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "llm/embed/embed_vendor.hpp"
#include "llm/embed/vector_reader.hpp"
#include "llm/provider_failure.hpp"

namespace scena::llm {
namespace {

constexpr std::string_view kEmbedBase = "https://api.openai.com/v1";

// POST {base}/embeddings, also of compatible servers, some of which send numbers in place of
// base64.
class OpenAiEmbed final : public EmbedVendor {
 public:
  OpenAiEmbed(const ProviderConfig& config, const ProviderUrl& url)
      : config_(config),
        secrets_(config),
        url_((url.base_url.empty() ? std::string(kEmbedBase) : url.base_url) + "/embeddings"),
        model_(url.model) {}

  std::string_view name() const noexcept override { return "openai"; }
  const SecretWords& secrets() const noexcept override { return secrets_; }
  // The service takes 2,048 texts and 300,000 tokens; the answer has to fit a body, too.
  EmbedLimits limits() const noexcept override { return {512, 600'000}; }

  Result<std::string> model(const EmbeddingRequest& request) const override {
    // A server of another make may serve one model alone.
    if (request.model.empty() && !url_.starts_with(kEmbedBase)) return model_;
    return named_model(request.model, model_, "text-embedding-3-small");
  }

  net::HttpRequest http_request(const EmbeddingRequest& request, const std::string& model,
                                std::span<const std::string> texts) const override {
    net::HttpRequest http = embed_call(url_, config_.api_key);
    if (!config_.organization.empty())
      http.headers.emplace_back("OpenAI-Organization", config_.organization);
    JsonWriter json(http.body);
    json.begin_object();
    if (!model.empty()) json.member("model", model);
    json.key("input").begin_array();
    for (const auto& text : texts) json.value(text);
    json.end_array().member("encoding_format", "base64");
    if (request.dimensions)
      json.member("dimensions", static_cast<std::uint64_t>(*request.dimensions));
    json.end_object();
    return http;
  }

  Result<EmbeddedBatch> read(std::string_view body, std::size_t texts) const override {
    VectorReader vectors;
    std::vector<std::size_t> order;
    UsageUpdate usage;
    JsonCursor json(body);
    json.object([&](std::string_view name) {
      if (name == "data") {
        json.array([&] {
          std::optional<std::int64_t> index;
          json.object([&](std::string_view inner) {
            if (inner == "index") index = json.integer();
            if (inner == "embedding") vectors.read(json);
          });
          const bool told = index && *index >= 0;
          order.push_back(told ? static_cast<std::size_t>(*index) : order.size());
        });
      } else if (name == "usage") {
        json.object([&](std::string_view inner) {
          if (inner == "prompt_tokens") usage.input_tokens = json.count();
        });
      }
    });
    if (!json.finish()) return no_vectors("the provider's answer is not valid JSON");
    auto batch = vectors.take(texts, order);
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

Result<std::shared_ptr<const EmbedVendor>> make_openai_embed(const ProviderConfig& config,
                                                             const ProviderUrl& url) {
  if (config.api_key.empty() && (url.base_url.empty() || url.base_url == kEmbedBase)) {
    return missing_key("openai", "OPENAI_API_KEY");
  }
  return std::shared_ptr<const EmbedVendor>(std::make_shared<OpenAiEmbed>(config, url));
}

}  // namespace scena::llm
