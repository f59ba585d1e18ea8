#include "llm/backends/cohere/cohere.hpp"

#include "llm/backends/cohere/wire.hpp"
#include "llm/http_provider.hpp"
#include "llm/provider_failure.hpp"
#include "llm/request_names.hpp"

namespace scena::llm::cohere {
namespace {

constexpr std::string_view kCohereBase = "https://api.cohere.com";

class Cohere final : public Vendor {
 public:
  Cohere(const ProviderConfig& config, std::string base, std::string model, const ModelBook* models)
      : config_(config),
        secrets_(config),
        url_(std::move(base)),
        model_(std::move(model)),
        models_(models) {
    url_ += url_.ends_with("/v2") ? "/chat" : "/v2/chat";
  }

  std::string_view name() const noexcept override { return "cohere"; }
  std::string_view request_id_field() const noexcept override { return "x-debug-trace-id"; }
  const SecretWords& secrets() const noexcept override { return secrets_; }

  Result<std::string> request_body(const ReplyRequest& request) const override {
    const auto model = model_of(request, model_, "cohere");
    return model ? write_request(request, *model) : Result<std::string>(model.error());
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
    if (!config_.api_key.empty())
      http.headers.emplace_back("Authorization", bearer(config_.api_key));
    return http;
  }

  std::unique_ptr<ReplyReader> make_reader(const ReplyRequest&) const override {
    return std::make_unique<Reader>();
  }
  void add_unsupported(const ReplyRequest& request, Unsupported& unsupported) const override {
    const ModelRecord record = record_of(models_, request.model.empty() ? model_ : request.model);
    llm::add_unsupported(record, unsupported);
    if (!record.reasoning) unsupported.add("reasoning_effort");
    cohere::add_unsupported(request, unsupported);
  }
  bool is_official() const noexcept override { return url_.starts_with(kCohereBase); }

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
    return missing_key("cohere", "CO_API_KEY");
  }
  if (!config.options.empty() && config.options != "{}") {
    return Error::fixed(ErrorCode::invalid_argument,
                        "cohere: \"options\" must be left out; there are none");
  }
  const std::string base = url.base_url.empty() ? std::string(kCohereBase) : url.base_url;
  return std::shared_ptr<Provider>(std::make_shared<HttpProvider>(
      std::make_shared<Cohere>(config, base, url.model, context.models), context));
}

}  // namespace scena::llm::cohere
