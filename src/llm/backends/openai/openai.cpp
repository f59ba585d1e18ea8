#include "llm/backends/openai/openai.hpp"

#include <fmt/format.h>

#include "base/json.hpp"
#include "llm/backends/openai/wire.hpp"
#include "llm/http_provider.hpp"

namespace scena::llm::openai {
namespace {

constexpr std::string_view kOfficialBase = "https://api.openai.com/v1";

Error bad_option(std::string_view name, std::string_view allowed) {
  return Error(ErrorCode::invalid_argument,
               fmt::format("openai options: \"{}\" must be {}", name, allowed))
      .with_pointer(json_pointer("/options", name));
}

Result<Dialect> read_options(std::string_view options, Dialect dialect) {
  if (options.empty()) return dialect;
  const auto parsed = parse_json(options, {.careful = true});
  if (!parsed) return parsed.error();
  if (!parsed->is_object())
    return Error::fixed(ErrorCode::invalid_argument, "openai options: must be a JSON object");
  for (const auto& [name, value] : parsed->items()) {
    if (name == "no_finish_reason") {
      if (!value.is_boolean()) return bad_option(name, "true or false");
      dialect.no_finish_reason = value.get<bool>();
    } else if (name == "usage") {
      if (value != "request" && value != "never")
        return bad_option(name, "\"request\" or \"never\"");
      dialect.ask_usage = value == "request";
    } else if (name == "reasoning") {
      if (!value.is_boolean()) return bad_option(name, "true or false");
      dialect.family = value.get<bool>() ? Dialect::Family::reasoning : Dialect::Family::classic;
    } else {
      return bad_option(name, "left out; there are no_finish_reason, usage and reasoning");
    }
  }
  return dialect;
}

class OpenAi final : public Vendor {
 public:
  OpenAi(const ProviderConfig& config, std::string base, std::string model, const Dialect& dialect)
      : config_(config),
        url_(std::move(base) + "/chat/completions"),
        model_(std::move(model)),
        dialect_(dialect) {}

  std::string_view name() const noexcept override { return "openai"; }
  std::string_view request_id_field() const noexcept override { return "x-request-id"; }
  std::string_view secret() const noexcept override { return config_.api_key; }

  Result<std::string> request_body(const ReplyRequest& request) const override {
    return write_request(request, model_, dialect_);
  }

  net::HttpRequest http_request(const ReplyRequest& request) const override {
    net::HttpRequest http;
    http.url = url_;
    http.headers.emplace_back("Content-Type", "application/json");
    http.headers.emplace_back("Accept", request.stream ? "text/event-stream" : "application/json");
    if (request.stream) http.headers.emplace_back("Accept-Encoding", "identity");
    if (!config_.api_key.empty())
      http.headers.emplace_back("Authorization", "Bearer " + config_.api_key);
    if (!config_.organization.empty())
      http.headers.emplace_back("OpenAI-Organization", config_.organization);
    for (const auto& [name, value] : config_.headers) http.headers.emplace_back(name, value);
    return http;
  }

  std::unique_ptr<ReplyReader> make_reader(const ReplyRequest&) const override {
    return std::make_unique<Reader>(dialect_);
  }
  bool is_official() const noexcept override { return url_.starts_with(kOfficialBase); }

 private:
  ProviderConfig config_;
  std::string url_;
  std::string model_;
  Dialect dialect_;
};

}  // namespace

Result<std::shared_ptr<Provider>> make_provider(const ProviderConfig& config,
                                                const ProviderUrl& url,
                                                const ProviderContext& context) {
  const bool official = url.base_url.empty() || url.base_url == kOfficialBase;
  if (official && config.api_key.empty()) {
    return Error::fixed(ErrorCode::unauthenticated,
                        "openai: no key; set api_key or OPENAI_API_KEY");
  }
  Dialect dialect;
  dialect.ask_no_padding = dialect.needs_model = official;
  const auto options = read_options(config.options, dialect);
  if (!options) return options.error();
  const std::string base = official ? std::string(kOfficialBase) : url.base_url;
  return std::shared_ptr<Provider>(std::make_shared<HttpProvider>(
      std::make_shared<OpenAi>(config, base, url.model, *options), context));
}

}  // namespace scena::llm::openai
