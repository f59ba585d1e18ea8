#include "engine/tools/http_tool.hpp"

#include <algorithm>
#include <cstddef>

#include "base/json.hpp"
#include "base/slots.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "llm/secret_words.hpp"

namespace scena::engine {
namespace {

constexpr std::size_t kAnswerBytes = 4u << 20;  // before the result is taken out of it
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string text_of(const Json& arguments, std::string_view name) {
  const auto found = arguments.find(std::string(name));
  if (found == arguments.end() || found->is_null()) return {};
  return found->is_string() ? found->get<std::string>() : dump_json(*found);
}

bool is_one_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

// The path's segments that name no place below the one before: "", "." and "..".
std::ptrdiff_t odd_segments(std::string_view url) {
  const auto scheme = url.find("://");
  const auto begin = url.find_first_of("/?#", scheme == url.npos ? 0 : scheme + 3);
  if (begin == url.npos || url[begin] != '/') return 0;
  std::string_view path = url.substr(begin + 1);
  path = path.substr(0, path.find_first_of("?#"));
  std::ptrdiff_t found = 0;
  for (;;) {
    const std::size_t slash = path.find('/');
    const std::string_view segment = path.substr(0, slash);
    found += segment.empty() || segment == "." || segment == "..";
    if (slash == path.npos) return found;
    path.remove_prefix(slash + 1);
  }
}

// Collects one answer and says what the model gets of it. What the service says about a failure
// goes no further: it may hold anything. Of a good answer the tool's secret does not: services
// repeat what they were asked.
class Collector final : public net::HttpSink {
 public:
  Collector(std::shared_ptr<ToolAnswer> answer, std::string result,
            std::shared_ptr<const llm::SecretWords> secrets)
      : answer_(std::move(answer)), result_(std::move(result)), secrets_(std::move(secrets)) {}

  void on_head(const net::HttpHead& head) override { status_ = head.status; }
  void on_body(std::string_view bytes) override { body_ += bytes; }
  void on_end(const net::HttpEnd& end) override {
    if (end.error) return answer_->fail(reason(end.error->code()));
    if (status_ < 200 || status_ > 299)
      return answer_->fail("The service answered with status " + std::to_string(status_) + ".");
    if (body_.starts_with(kByteOrderMark)) body_.erase(0, kByteOrderMark.size());
    if (result_.empty()) return succeed(std::move(body_));
    const auto document = parse_json(body_);
    if (!document) return answer_->fail("The service's answer is no JSON.");
    const Json* found = find(*document);
    if (!found) return answer_->fail("The service's answer does not hold a result.");
    succeed(found->is_string() ? found->get_ref<const std::string&>() : dump_json(*found));
  }

 private:
  void succeed(std::string text) {
    secrets_->take_out_of(text);
    answer_->succeed(text);
  }

  static std::string reason(ErrorCode code) {
    switch (code) {
      case ErrorCode::timeout:
        return "The service did not answer in time.";
      case ErrorCode::too_large:
        return "The service's answer was larger than it may be.";
      case ErrorCode::permission_denied:
        return "The service's address is not allowed.";
      default:
        return "The service could not be reached.";
    }
  }

  const Json* find(const Json& document) const {
    const Json* at = &document;
    for (std::size_t from = 1; from <= result_.size();) {
      const std::size_t slash = std::min(result_.find('/', from), result_.size());
      const std::string token = result_.substr(from, slash - from);
      if (at->is_object() && at->contains(token)) {
        at = &(*at)[token];
      } else if (at->is_array() && is_index(token) && std::stoul(token) < at->size()) {
        at = &(*at)[std::stoul(token)];
      } else {
        return nullptr;
      }
      from = slash + 1;
    }
    return at;
  }

  static bool is_index(const std::string& token) {
    return !token.empty() && token.size() < 7 &&
           std::all_of(token.begin(), token.end(), [](char c) { return c >= '0' && c <= '9'; });
  }

  std::shared_ptr<ToolAnswer> answer_;
  const std::string result_;
  const std::shared_ptr<const llm::SecretWords> secrets_;
  int status_ = 0;
  std::string body_;
};

// Scheme, host and port, which have no slots. What stands behind them may hold the secret, and
// decides about no host.
std::string_view origin_of(std::string_view url) noexcept {
  const auto scheme = url.find("://");
  return url.substr(0, url.find_first_of("/?#\\", scheme == url.npos ? 0 : scheme + 3));
}

class HttpTool final : public Tool {
 public:
  HttpTool(std::string name, const HttpToolConfig& config, Secret secret, net::HttpTransport& http)
      : name_(std::move(name)),
        config_(config),
        secret_(std::move(secret)),
        secrets_(std::make_shared<const llm::SecretWords>(secret_)),
        http_(http) {}

  ToolSpec spec() const override { return {name_, config_.description, config_.parameters, false}; }
  ToolOptions options() const override {
    ToolOptions options;
    options.time_limit = config_.time_limit;
    options.max_result_bytes = config_.max_result_bytes;
    options.max_result_tokens = config_.max_result_tokens;
    options.cache_for = config_.cache_for;
    options.idempotent = config_.idempotent;
    options.needs_approval = config_.needs_approval;
    options.everywhere = config_.everywhere;
    return options;
  }

  void call(ToolRequest request, std::shared_ptr<ToolAnswer> answer,
            std::stop_token stop) override {
    const auto arguments = parse_json(request.arguments);
    if (!arguments) return answer->fail("The arguments are no JSON object.");
    auto made = make_request(*arguments);
    if (!made) return answer->fail(made.error().what());
    http_.start(std::move(*made),
                std::make_shared<Collector>(std::move(answer), config_.result, secrets_),
                std::move(stop));
  }

 private:
  Result<net::HttpRequest> make_request(const Json& arguments) const {
    net::HttpRequest request;
    request.method = config_.method;
    request.may_repeat = config_.idempotent;
    request.timeouts.first_byte = config_.time_limit;
    request.timeouts.total = config_.time_limit;
    request.max_body_bytes = kAnswerBytes;
    const auto encoded = [&](std::string_view slot) {
      return Secret(percent_encode(value(arguments, slot).reveal()));
    };
    auto url = fill_slots(config_.url, encoded);
    if (!url) return url.error();
    // No encoding keeps these from leading elsewhere on the host.
    if (odd_segments(url->reveal()) != odd_segments(config_.url))
      return Error::fixed(ErrorCode::invalid_argument,
                          "An argument in the address must not be empty, \".\" or \"..\".");
    request.url = std::move(*url);
    request.url_secret = Secret(percent_encode(secret_.reveal()));
    if (!config_.private_network) {
      if (auto judged = judge_url(origin_of(request.url.reveal())); !judged) return judged.error();
      request.reach = net::Reach::public_only;
    }
    if (auto set = set_headers(request, arguments); !set) return set.error();
    if (auto set = set_body(request, arguments); !set) return set.error();
    return request;
  }

  Secret value(const Json& arguments, std::string_view slot) const {
    return slot == "secret" ? secret_ : Secret(text_of(arguments, slot));
  }

  Result<void> set_headers(net::HttpRequest& request, const Json& arguments) const {
    for (const auto& [name, form] : config_.headers) {
      auto text = fill_slots(form, [&](std::string_view slot) { return value(arguments, slot); });
      if (!text) return text.error();
      if (!is_one_line(text->reveal()))
        return Error::fixed(ErrorCode::invalid_argument, "An argument must be a text of one line.");
      if (form.find("{{secret}}") != std::string::npos) request.secret_headers.push_back(name);
      request.headers.emplace_back(name, std::move(*text));
    }
    return {};
  }

  Result<void> set_body(net::HttpRequest& request, const Json& arguments) const {
    if (config_.body.empty()) return {};
    const auto form = parse_json(config_.body);
    if (!form) return form.error();
    auto body = fill_form(*form, [&](std::string_view slot) {
      const auto found = arguments.find(std::string(slot));
      return found == arguments.end() ? Json() : *found;
    });
    if (!body) return body.error();
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = dump_json(*body);
    return {};
  }

  const std::string name_;
  const HttpToolConfig config_;
  const Secret secret_;
  const std::shared_ptr<const llm::SecretWords> secrets_;
  net::HttpTransport& http_;
};

}  // namespace

std::shared_ptr<Tool> make_http_tool(const std::string& name, const HttpToolConfig& config,
                                     Secret secret, net::HttpTransport& http) {
  return std::make_shared<HttpTool>(name, config, std::move(secret), http);
}

}  // namespace scena::engine
