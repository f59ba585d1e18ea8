#include "llm/backends/openai_responses/openai_responses.hpp"

#include "llm/backends/openai_responses/wire.hpp"
#include "llm/http_provider.hpp"
#include "llm/provider_failure.hpp"

namespace scena::llm::openai_responses {
namespace {

constexpr std::string_view kResponsesBase = "https://api.openai.com/v1";

class Responses final : public Vendor {
 public:
  Responses(const ProviderConfig& config, const std::string& base, std::string model,
            const openai::Dialect& dialect, const ModelBook* models)
      : config_(config),
        secrets_(config),
        url_(base + "/responses"),
        model_(std::move(model)),
        dialect_(dialect),
        models_(models) {}

  std::string_view name() const noexcept override { return "openai_responses"; }
  std::string_view request_id_field() const noexcept override { return "x-request-id"; }
  const SecretWords& secrets() const noexcept override { return secrets_; }

  void add_unsupported(const ReplyRequest& request, Unsupported& unsupported) const override {
    ModelRecord record = record_of(models_, asked_model(request));
    if (dialect_.family != openai::Dialect::Family::automatic) record.refuses.clear();
    if (dialect_.family == openai::Dialect::Family::reasoning)
      record.refuses = {"temperature", "top_p"};
    llm::add_unsupported(record, unsupported);
    unsupported.call_ids = dialect_.call_ids;
    if (!record.family.empty() && !record.reasoning) unsupported.add("reasoning_effort");
    for (const char* absent : {"stop", "seed", "audio"}) unsupported.add(absent);
  }

  Result<std::string> request_body(const ReplyRequest& request) const override {
    const std::string_view model = asked_model(request);
    return openai_responses::write_request(request, model, record_of(models_, model), dialect_);
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
    if (!config_.organization.empty())
      http.headers.emplace_back("OpenAI-Organization", config_.organization);
    return http;
  }

  std::unique_ptr<ReplyReader> make_reader(const ReplyRequest&) const override {
    return std::make_unique<Reader>();
  }
  bool is_official() const noexcept override { return url_.starts_with(kResponsesBase); }

 private:
  ProviderConfig config_;
  SecretWords secrets_;
  std::string url_;
  std::string model_;
  openai::Dialect dialect_;
  const ModelBook* models_;
};

}  // namespace

Result<std::shared_ptr<Provider>> make_provider(const ProviderConfig& config,
                                                const ProviderUrl& url,
                                                const ProviderContext& context) {
  const bool official = url.base_url.empty() || url.base_url == kResponsesBase;
  if (official && config.api_key.empty()) {
    return missing_key("openai_responses", "OPENAI_API_KEY");
  }
  const std::string base = official ? std::string(kResponsesBase) : url.base_url;
  const auto dialect = openai::read_dialect(config.options, base);
  if (!dialect) return dialect.error();
  return std::shared_ptr<Provider>(std::make_shared<HttpProvider>(
      std::make_shared<Responses>(config, base, url.model, *dialect, context.models), context));
}

}  // namespace scena::llm::openai_responses
