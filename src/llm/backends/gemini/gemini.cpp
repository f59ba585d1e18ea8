#include "llm/backends/gemini/gemini.hpp"

#include <fmt/format.h>

#include "base/json.hpp"
#include "llm/backends/gemini/address.hpp"
#include "llm/backends/gemini/wire.hpp"
#include "llm/http_provider.hpp"
#include "llm/provider_failure.hpp"
#include "llm/request_names.hpp"

namespace scena::llm::gemini {
namespace {

class Gemini final : public Vendor {
 public:
  Gemini(const ProviderConfig& config, const std::string& base, std::string model, bool bearer,
         const ModelBook* models)
      : config_(config),
        secrets_(config),
        root_(model_root(base)),
        model_(std::move(model)),
        official_(base == kOfficialBase),
        bearer_(bearer),
        models_(models) {}

  std::string_view name() const noexcept override { return "gemini"; }
  std::string_view request_id_field() const noexcept override { return "x-request-id"; }
  const SecretWords& secrets() const noexcept override { return secrets_; }

  Result<std::string> request_body(const ReplyRequest& request) const override {
    const auto model = model_of(request, model_, "gemini");
    if (!model) return model.error();
    if (const auto path = model_path(*model); !path) return path.error();
    return write_request(request, *model);
  }

  std::string_view asked_model(const ReplyRequest& request) const noexcept override {
    return request.model.empty() ? model_ : request.model;
  }

  net::HttpRequest http_request(const ReplyRequest& request) const override {
    net::HttpRequest http;
    const auto path = model_path(request.model.empty() ? model_ : request.model);
    http.url = root_ + (path ? *path : std::string()) +
               (request.stream ? std::string(":streamGenerateContent") + kStreamQuery
                               : std::string(":generateContent"));
    http.headers.emplace_back("Content-Type", "application/json");
    http.headers.emplace_back("Accept", request.stream ? "text/event-stream" : "application/json");
    if (request.stream) http.headers.emplace_back("Accept-Encoding", "identity");
    http.secret_headers.emplace_back("x-goog-api-key");
    if (!config_.api_key.empty() && bearer_) {
      http.headers.emplace_back("Authorization", bearer(config_.api_key));
    } else if (!config_.api_key.empty()) {
      http.headers.emplace_back("x-goog-api-key", config_.api_key);
    }
    return http;
  }

  std::unique_ptr<ReplyReader> make_reader(const ReplyRequest&) const override {
    return std::make_unique<Reader>();
  }
  StreamFormat stream_format() const noexcept override { return StreamFormat::events_or_array; }
  bool has_inline_media() const noexcept override { return true; }
  void add_unsupported(const ReplyRequest& request, Unsupported& unsupported) const override {
    const std::string& model = request.model.empty() ? model_ : request.model;
    llm::add_unsupported(record_of(models_, model), unsupported);
    gemini::add_unsupported(request, model, unsupported);
  }
  bool is_official() const noexcept override { return official_; }

 private:
  ProviderConfig config_;
  SecretWords secrets_;
  std::string root_;
  std::string model_;
  bool official_;
  bool bearer_;
  const ModelBook* models_;
};

Result<bool> read_bearer(std::string_view options, bool by_default) {
  if (options.empty()) return by_default;
  const auto parsed = parse_json(options, {.careful = true});
  if (!parsed) return parsed.error();
  if (!parsed->is_object())
    return Error::fixed(ErrorCode::invalid_argument, "gemini options: must be a JSON object");
  bool bearer = by_default;
  for (const auto& [name, value] : parsed->items()) {
    if (name != "auth" || (value != "api_key" && value != "bearer")) {
      return Error(ErrorCode::invalid_argument,
                   fmt::format("gemini options: \"{}\" must be {}", name,
                               name == "auth" ? "\"api_key\" or \"bearer\""
                                              : "left out; there is auth alone"))
          .with_pointer(json_pointer("/options", name));
    }
    bearer = value == "bearer";
  }
  return bearer;
}

}  // namespace

Result<std::shared_ptr<Provider>> make_provider(const ProviderConfig& config,
                                                const ProviderUrl& url,
                                                const ProviderContext& context) {
  if (url.base_url.empty() && config.api_key.empty()) {
    return missing_key("gemini", "GOOGLE_API_KEY or GEMINI_API_KEY");
  }
  const std::string base = url.base_url.empty() ? std::string(kOfficialBase) : url.base_url;
  const auto bearer = read_bearer(config.options, is_vertex(base));
  if (!bearer) return bearer.error();
  return std::shared_ptr<Provider>(std::make_shared<HttpProvider>(
      std::make_shared<Gemini>(config, base, url.model, *bearer, context.models), context));
}

}  // namespace scena::llm::gemini
