#include "llm/backends/openai/openai.hpp"

#include "llm/backends/openai/vendor.hpp"
#include "llm/backends/openai/wire.hpp"
#include "llm/provider_failure.hpp"

namespace scena::llm::openai {
namespace {

constexpr std::string_view kOpenAiBase = "https://api.openai.com/v1";

class OpenAi final : public Vendor {
 public:
  OpenAi(const ProviderConfig& config, Endpoint endpoint, const Dialect& dialect,
         const ModelBook* models)
      : config_(config),
        secrets_(config),
        endpoint_(std::move(endpoint)),
        dialect_(dialect),
        models_(models) {}

  std::string_view name() const noexcept override { return endpoint_.name; }
  std::string_view request_id_field() const noexcept override { return "x-request-id"; }
  const SecretWords& secrets() const noexcept override { return secrets_; }

  void add_unsupported(const ReplyRequest& request, Unsupported& unsupported) const override {
    ModelRecord record = record_of(models_, asked_model(request));
    if (dialect_.family != Dialect::Family::automatic) record.refuses.clear();
    if (dialect_.family == Dialect::Family::reasoning)
      record.refuses = {"temperature", "top_p", "stop"};
    // Where any object is asked for, the prompt tells the schema.
    if (dialect_.schema == Dialect::Schema::object) record.schema = true;
    llm::add_unsupported(record, unsupported);
    unsupported.call_ids = dialect_.call_ids;
    if (!record.family.empty() && !record.reasoning) unsupported.add("reasoning_effort");
    std::string_view words = dialect_.refuses;
    while (!words.empty()) {
      const std::size_t end = std::min(words.find(' '), words.size());
      unsupported.add(words.substr(0, end));
      words.remove_prefix(std::min(end + 1, words.size()));
    }
    if (dialect_.effort == Dialect::Effort::none) unsupported.add("reasoning_effort");
  }

  Result<std::string> request_body(const ReplyRequest& request) const override {
    const std::string_view model = asked_model(request);
    return write_request(request, model, record_of(models_, model), dialect_);
  }

  std::string_view asked_model(const ReplyRequest& request) const noexcept override {
    return request.model.empty() ? endpoint_.default_model : request.model;
  }

  net::HttpRequest http_request(const ReplyRequest& request) const override {
    net::HttpRequest http;
    http.url = endpoint_.url(asked_model(request));
    http.headers.emplace_back("Content-Type", "application/json");
    http.headers.emplace_back("Accept", request.stream ? "text/event-stream" : "application/json");
    if (request.stream) http.headers.emplace_back("Accept-Encoding", "identity");
    if (!config_.api_key.empty() && endpoint_.key_header)
      http.headers.emplace_back("api-key", config_.api_key);
    if (!config_.api_key.empty() && !endpoint_.key_header)
      http.headers.emplace_back("Authorization", bearer(config_.api_key));
    if (!config_.organization.empty())
      http.headers.emplace_back("OpenAI-Organization", config_.organization);
    return http;
  }

  std::unique_ptr<ReplyReader> make_reader(const ReplyRequest& request) const override {
    Dialect dialect = dialect_;
    if (record_of(models_, asked_model(request)).think_open)
      dialect.think_tags = dialect.think_open = true;
    return std::make_unique<Reader>(dialect);
  }
  bool is_official() const noexcept override { return endpoint_.official; }

 private:
  ProviderConfig config_;
  SecretWords secrets_;
  Endpoint endpoint_;
  Dialect dialect_;
  const ModelBook* models_;
};

}  // namespace

std::shared_ptr<const Vendor> make_vendor(const ProviderConfig& config, Endpoint endpoint,
                                          const Dialect& dialect, const ModelBook* models) {
  return std::make_shared<OpenAi>(config, std::move(endpoint), dialect, models);
}

Result<std::shared_ptr<Provider>> make_provider(const ProviderConfig& config,
                                                const ProviderUrl& url,
                                                const ProviderContext& context) {
  const bool official = url.base_url.empty() || url.base_url == kOpenAiBase;
  if (official && config.api_key.empty()) {
    return missing_key("openai", "OPENAI_API_KEY");
  }
  const std::string base = official ? std::string(kOpenAiBase) : url.base_url;
  const auto dialect = read_dialect(config.options, base);
  if (!dialect) return dialect.error();
  Endpoint endpoint{.name = "openai",
                    .default_model = url.model,
                    .url = [whole = base + "/chat/completions"](std::string_view) { return whole; },
                    .official = official};
  return std::shared_ptr<Provider>(std::make_shared<HttpProvider>(
      make_vendor(config, std::move(endpoint), *dialect, context.models), context));
}

}  // namespace scena::llm::openai
