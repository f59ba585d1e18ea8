#include "llm/backends/anthropic/anthropic.hpp"

#include "llm/backends/anthropic/wire.hpp"
#include "llm/http_provider.hpp"
#include "llm/provider_failure.hpp"

namespace scena::llm::anthropic {
namespace {

constexpr std::string_view kAnthropicBase = "https://api.anthropic.com";
constexpr std::string_view kVersion = "2023-06-01";

class Anthropic final : public Vendor {
 public:
  Anthropic(const ProviderConfig& config, std::string base, std::string model,
            const ModelBook* models)
      : config_(config),
        secrets_(config),
        url_(std::move(base)),
        model_(std::move(model)),
        models_(models) {
    url_ += url_.ends_with("/v1") ? "/messages" : "/v1/messages";
  }

  std::string_view name() const noexcept override { return "anthropic"; }
  std::string_view request_id_field() const noexcept override { return "request-id"; }
  const SecretWords& secrets() const noexcept override { return secrets_; }

  void add_unsupported(const ReplyRequest& request, Unsupported& unsupported) const override {
    const ModelRecord record = record_of(models_, asked_model(request));
    llm::add_unsupported(record, unsupported);
    for (const char* absent : {"seed", "audio"}) unsupported.add(absent);
    if (record.thinking.empty()) unsupported.add("reasoning_effort");
    unsupported.call_ids = {.plain = true};
  }

  Result<std::string> request_body(const ReplyRequest& request) const override {
    const std::string_view model = asked_model(request);
    return write_request(request, model, record_of(models_, model));
  }

  std::string_view asked_model(const ReplyRequest& request) const noexcept override {
    return request.model.empty() ? model_ : request.model;
  }

  net::HttpRequest http_request(const ReplyRequest& request) const override {
    net::HttpRequest http;
    http.url = url_;
    http.headers.emplace_back("Content-Type", "application/json");
    http.headers.emplace_back("Accept", request.stream ? "text/event-stream" : "application/json");
    if (request.stream) http.headers.emplace_back("Accept-Encoding", "identity");
    if (!config_.api_key.empty()) http.headers.emplace_back("x-api-key", config_.api_key);
    http.headers.emplace_back("anthropic-version", kVersion);
    return http;
  }

  std::unique_ptr<ReplyReader> make_reader(const ReplyRequest&) const override {
    return std::make_unique<Reader>(is_official());
  }
  bool is_official() const noexcept override { return url_.starts_with(kAnthropicBase); }

 private:
  ProviderConfig config_;
  SecretWords secrets_;
  std::string url_;
  std::string model_;
  const ModelBook* models_;
};

}  // namespace

Result<std::shared_ptr<Provider>> make_provider(const ProviderConfig& config,
                                                const ProviderUrl& url,
                                                const ProviderContext& context) {
  if (url.base_url.empty() && config.api_key.empty()) {
    return missing_key("anthropic", "ANTHROPIC_API_KEY");
  }
  if (!config.options.empty() && config.options != "{}") {
    return Error::fixed(ErrorCode::invalid_argument,
                        "anthropic: \"options\" must be left out; there are none");
  }
  const std::string base = url.base_url.empty() ? std::string(kAnthropicBase) : url.base_url;
  return std::shared_ptr<Provider>(std::make_shared<HttpProvider>(
      std::make_shared<Anthropic>(config, base, url.model, context.models), context));
}

}  // namespace scena::llm::anthropic
