#include "llm/backends/ollama/ollama.hpp"

#include <fmt/format.h>

#include "base/json.hpp"
#include "llm/backends/ollama/wire.hpp"
#include "llm/http_provider.hpp"
#include "llm/request_names.hpp"

namespace scena::llm::ollama {
namespace {

constexpr std::string_view kLocalBase = "http://localhost:11434";
constexpr std::int64_t kMostContext = 16'777'216;

Error bad_option(std::string_view name, std::string_view allowed) {
  return Error(ErrorCode::invalid_argument,
               fmt::format("ollama options: \"{}\" must be {}", name, allowed))
      .with_pointer(json_pointer("/options", name));
}

Result<Settings> read_options(std::string_view options) {
  Settings settings;
  if (options.empty()) return settings;
  const auto parsed = parse_json(options, {.careful = true});
  if (!parsed) return parsed.error();
  if (!parsed->is_object())
    return Error::fixed(ErrorCode::invalid_argument, "ollama options: must be a JSON object");
  for (const auto& [name, value] : parsed->items()) {
    if (name == "num_ctx") {
      if (!value.is_number_unsigned() || value < 256 || value > kMostContext)
        return bad_option(name, "a whole number from 256 to 16777216");
      settings.num_ctx = value.get<std::int64_t>();
    } else if (name == "keep_alive") {
      if (!value.is_string() && !value.is_number_integer())
        return bad_option(name, "a duration such as \"5m\", or a number of seconds");
      settings.keep_alive = dump_json(value);
    } else {
      return bad_option(name, "left out; there are num_ctx and keep_alive");
    }
  }
  return settings;
}

class Ollama final : public Vendor {
 public:
  Ollama(const ProviderConfig& config, std::string base, std::string model, Settings settings,
         const ModelBook* models)
      : config_(config),
        secrets_(config),
        url_(std::move(base)),
        model_(std::move(model)),
        settings_(std::move(settings)),
        models_(models) {
    url_ += url_.ends_with("/api") ? "/chat" : "/api/chat";
  }

  std::string_view name() const noexcept override { return "ollama"; }
  std::string_view request_id_field() const noexcept override { return "x-request-id"; }
  const SecretWords& secrets() const noexcept override { return secrets_; }

  Result<std::string> request_body(const ReplyRequest& request) const override {
    const auto model = model_of(request, model_, "ollama");
    return model ? write_request(request, *model, settings_) : Result<std::string>(model.error());
  }

  std::string_view asked_model(const ReplyRequest& request) const noexcept override {
    return request.model.empty() ? model_ : request.model;
  }

  net::HttpRequest http_request(const ReplyRequest& request) const override {
    net::HttpRequest http;
    http.url = url_;
    http.headers.emplace_back("Content-Type", "application/json");
    http.headers.emplace_back("Accept",
                              request.stream ? "application/x-ndjson" : "application/json");
    if (request.stream) http.headers.emplace_back("Accept-Encoding", "identity");
    if (!config_.api_key.empty())
      http.headers.emplace_back("Authorization", bearer(config_.api_key));
    return http;
  }

  std::unique_ptr<ReplyReader> make_reader(const ReplyRequest& request) const override {
    return std::make_unique<Reader>(request.context.prompt_tokens,
                                    record_of(models_, asked_model(request)).think_open);
  }
  StreamFormat stream_format() const noexcept override { return StreamFormat::lines; }
  void add_unsupported(const ReplyRequest& request, Unsupported& unsupported) const override {
    llm::add_unsupported(record_of(models_, asked_model(request)), unsupported);
    ollama::add_unsupported(request, unsupported);
  }
  // Wherever it runs, a model may have to be loaded first.
  bool is_official() const noexcept override { return false; }

 private:
  ProviderConfig config_;
  SecretWords secrets_;
  std::string url_;
  std::string model_;
  Settings settings_;
  const ModelBook* models_;
};

}  // namespace

Result<std::shared_ptr<Provider>> make_provider(const ProviderConfig& config,
                                                const ProviderUrl& url,
                                                const ProviderContext& context) {
  auto settings = read_options(config.options);
  if (!settings) return settings.error();
  const std::string base = url.base_url.empty() ? std::string(kLocalBase) : url.base_url;
  return std::shared_ptr<Provider>(std::make_shared<HttpProvider>(
      std::make_shared<Ollama>(config, base, url.model, std::move(*settings), context.models),
      context));
}

}  // namespace scena::llm::ollama
