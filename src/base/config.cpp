#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <scena/config.hpp>

#include "base/config_members.hpp"
#include "base/config_tool.hpp"
#include "base/config_webhook.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "base/reserved_members.hpp"
#include "base/secret.hpp"
#include "base/suggest.hpp"
#include "base/text.hpp"
#include "base/url.hpp"

namespace scena {
namespace {

constexpr std::size_t kMaxConfigBytes = 1u << 20;
constexpr std::size_t kShortestKey = 8;
constexpr std::size_t kMaxCounters = 64;
constexpr std::string_view kProviderKinds[] = {"script",           "fault",  "openai",
                                               "openai_responses", "azure",  "gemini",
                                               "anthropic",        "cohere", "ollama"};
constexpr std::string_view kStorageKinds[] = {"memory", "sqlite", "file", "postgres"};
// Keys that stand in examples; compared without case.
constexpr std::string_view kExampleKeys[] = {
    "sk-your-key",     "sk-your-api-key", "your-api-key", "your_api_key",
    "sk-ant-your-key", "changeme",        "change-me",    "password",
    "secret",          "example",         "test",         "***"};

bool is_kind(std::string_view word) noexcept {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  };
  return !word.empty() && word[0] >= 'a' && word[0] <= 'z' &&
         std::all_of(word.begin(), word.end(), good);
}

bool contains(std::span<const std::string_view> words, std::string_view word) noexcept {
  return std::find(words.begin(), words.end(), word) != words.end();
}

class Checker {
 public:
  explicit Checker(const Config& config) : config_(config) {}

  std::vector<Fault> run() {
    check_threads();
    check_storage();
    check_limits();
    check_provider("/provider", config_.provider);
    for (const auto& [name, provider] : config_.providers) check_entry(name, provider);
    check_proxy();
    check_tapes();
    check_names();
    for (const auto& [name, tool] : config_.tools) check_tool(name, tool);
    for (const auto& [name, webhook] : config_.webhooks) check_hook(name, webhook);
    check_counters();
    for (const auto& [model, price] : config_.prices) check_price(model, price);
    check_policy(config_.policy, "/policy", faults_);
    for (const auto& [name, alias] : config_.policy.aliases) check_alias(name, alias);
    check_switch("/analysis", config_.analysis.provider, config_.analysis.model);
    check_switch("/judge", config_.judge.provider, config_.judge.model);
    return std::move(faults_);
  }

 private:
  void fault(std::string pointer, std::string message, std::string example) {
    faults_.push_back({std::move(pointer), std::move(message), std::move(example)});
  }

  void check_threads() {
    if (config_.threads < 0 || config_.threads > 1'024)
      fault("/threads", "must be a whole number from 0 to 1024", "0");
    if (config_.threads <= 0) return;
    if (config_.clock == ClockKind::virtual_time) {
      fault("/threads",
            "must be 0 with \"clock\": \"virtual\": virtual time moves only inside poll()", "0");
    }
    if (config_.watcher == Watcher::pipe) {
      fault("/threads",
            "must be 0 with \"watcher\": \"pipe\": the pipe tells a host when to call poll()", "0");
    }
  }

  void check_storage() {
    const std::string_view text = config_.storage;
    const auto colon = text.find(':');
    const auto kind = text.substr(0, colon);
    if (colon == std::string_view::npos || !is_kind(kind)) {
      return fault("/storage", "must be \"memory:\" or \"sqlite:FILE\"", "\"sqlite:scena.db\"");
    }
    if (!contains(kStorageKinds, kind)) {
      const auto meant = closest(kind, kStorageKinds);
      return fault("/storage",
                   meant.empty()
                       ? std::string("names no storage kind; use \"memory:\" or "
                                     "\"sqlite:FILE\"")
                       : fmt::format("names no storage kind; did you mean \"{}:\"?", meant),
                   "\"sqlite:scena.db\"");
    }
    if (kind == "sqlite" && colon + 1 == text.size()) {
      fault("/storage", "names no file behind \"sqlite:\"", "\"sqlite:scena.db\"");
    }
    if (text.find('\0') != std::string_view::npos)
      fault("/storage", "holds a NUL character", "\"sqlite:scena.db\"");
  }

  // Numbers set in code rather than read from JSON meet the same bounds.
  void check_limits() {
    BoundsCheck limits{*this, "/limits"}, http{*this, "/http"}, timeouts{*this, "/timeouts"},
        jobs{*this, "/jobs"}, analytics{*this, "/analytics"};
    visit_members(limits, config_.limits);
    visit_members(http, config_.http);
    visit_members(timeouts, config_.timeouts);
    visit_members(jobs, config_.jobs);
    visit_members(analytics, config_.analytics);
    if (config_.retention_ttl.count() < 0 || config_.retention_ttl > std::chrono::hours(24 * 365))
      fault("/retention_ttl_ms", "must be a whole number from 0 to 31536000000", "86400000");
    if (!(config_.tape_speed >= 0 && config_.tape_speed <= 1'000)) {
      fault("/tape_speed", "must be a number from 0 to 1000", "1.0");
    }
    if (config_.session_budget && config_.session_budget->pico_usd <= 0) {
      fault("/session_budget", "must be an amount in USD above zero, as a decimal string, or null",
            "\"0.50\"");
    }
  }

  void check_price(const std::string& model, const Price& price) {
    const std::pair<const char*, Money> parts[] = {
        {"input", price.input},
        {"output", price.output},
        {"cached_input", price.cached_input.value_or(Money{})},
        {"cache_write", price.cache_write.value_or(Money{})},
        {"request", price.request},
        {"reasoning", price.reasoning.value_or(Money{})}};
    for (const auto& [name, amount] : parts) {
      if (amount.pico_usd < 0)
        fault(json_pointer(json_pointer("/prices", model), name),
              "must be an amount in USD, zero or more", "\"2.50\"");
    }
  }

  struct BoundsCheck {
    Checker& checker;
    const char* parent;

    void operator()(std::string_view name, std::chrono::milliseconds value, Bounds bounds) {
      (*this)(name, value.count(), bounds);
    }
    void operator()(std::string_view name, const std::optional<std::chrono::milliseconds>& value,
                    Bounds bounds) {
      if (value) (*this)(name, value->count(), bounds);
    }
    template <std::integral T>
    void operator()(std::string_view name, T value, Bounds bounds) {
      const auto number = static_cast<double>(value);
      if (number >= bounds.low && number <= bounds.high) return;
      checker.fault(
          json_pointer(parent, name),
          fmt::format("must be a whole number from {:.0f} to {:.0f}", bounds.low, bounds.high),
          "1000");
    }
    void operator()(std::string_view, const std::string&, Text) {}
    void operator()(std::string_view, const Secret&, Text) {}
    void operator()(std::string_view, bool) {}
    void operator()(std::string_view, WhenFull) {}
    void operator()(std::string_view, const std::vector<std::string>&) {}
    void operator()(std::string_view, const std::map<std::string, std::string>&) {}
    void options(std::string_view, const std::string&) {}
  };

  void check_tool(const std::string& name, const HttpToolConfig& tool) {
    const std::string pointer = json_pointer("/tools", name);
    check_http_tool(name, tool, pointer, faults_);
    for (const auto& [header, value] : tool.headers)
      check_header(json_pointer(pointer + "/headers", header), header, value);
    BoundsCheck bounds{*this, pointer.c_str()};
    visit_members(bounds, tool);
  }

  void check_hook(const std::string& name, const WebhookConfig& webhook) {
    const std::string pointer = json_pointer("/webhooks", name);
    check_webhook(name, webhook, pointer, faults_);
    BoundsCheck bounds{*this, pointer.c_str()};
    visit_members(bounds, webhook);
  }

  // What the files hold is known when the engine opens.
  void check_counters() {
    if (config_.token_counters.size() > kMaxCounters)
      fault("/token_counters", fmt::format("has more than {} members", kMaxCounters), "{}");
    for (const auto& [models, counter] : config_.token_counters) {
      const std::string pointer = json_pointer("/token_counters", models);
      if (models.empty() || models.size() > 128)
        fault(pointer, "must be how the models' names begin, in 1 to 128 bytes, or \"*\"",
              "\"gpt-4o\"");
      if (counter.file.empty() || counter.file.find('\0') != std::string::npos)
        fault(pointer + "/file", "must be the path of a file of byte pairs",
              "\"o200k_base.tiktoken\"");
      if (!counter.cut)
        fault(pointer + "/cut",
              "is required: \"gpt2\", \"cl100k\" or \"o200k\", as the file's family", "\"o200k\"");
    }
  }

  // A name in `providers`, a kind, or a provider URL. Kinds that the host registers are not known
  // here, so an unknown word is refused only when it looks like a slip of the pen.
  void check_provider(const std::string& pointer, std::string_view text) {
    static constexpr const char* kExample = "\"openai:gpt-4o\"";
    if (config_.providers.contains(std::string(text))) return;
    const std::string_view kind = provider_kind(text);
    const std::string_view rest = text.substr(kind.size());
    if (!is_kind(kind) || rest.starts_with('@')) {
      return fault(pointer,
                   "must be a name in \"providers\" or KIND:MODEL or KIND+http://host/path",
                   kExample);
    }
    const std::string_view meant = meant_kind(kind, rest.empty());
    if (!meant.empty()) {
      return fault(pointer, fmt::format("names no provider; did you mean \"{}\"?", meant),
                   kExample);
    }
    if (rest.starts_with('+')) check_url(pointer, rest.substr(1));
    if (rest.starts_with("://")) {
      fault(pointer, "needs a kind before an http:// or https:// address",
            "\"openai+http://localhost:8080/v1\"");
    }
  }

  std::string_view meant_kind(std::string_view kind, bool bare) const {
    std::vector<std::string_view> known(std::begin(kProviderKinds), std::end(kProviderKinds));
    if (bare) {
      for (const auto& [name, provider] : config_.providers) known.push_back(name);
    }
    if (contains(known, kind)) return {};
    return closest(kind, known);
  }

  void check_alias(const std::string& name, const ModelAlias& alias) {
    const std::string pointer = json_pointer("/policy/aliases", name);
    if (config_.providers.contains(name) || contains(kProviderKinds, name))
      fault(pointer, "has the name of a provider; choose another", "\"fast\"");
    if (!alias.provider.empty()) check_provider(pointer + "/provider", alias.provider);
  }

  // An alias tells whom to ask, but not that somebody is to be asked.
  void check_switch(const std::string& pointer, const std::string& provider,
                    const std::string& model) {
    if (provider.empty() && config_.policy.aliases.contains(model))
      fault(pointer + "/provider", "is empty, so that no model is asked; name the alias's provider",
            "\"openai:gpt-4o\"");
  }

  void check_entry(const std::string& name, const ProviderConfig& provider) {
    const std::string pointer = json_pointer("/providers", name);
    if (name.empty() || name.size() > 128)
      fault(pointer, "must have a name of 1 to 128 bytes", "\"openai\"");
    if (provider.url.empty()) {
      fault(pointer + "/url", "is required: KIND:MODEL or KIND+http://host/path",
            "\"openai:gpt-4o\"");
    } else if (provider.url.find(':') == std::string::npos) {
      fault(pointer + "/url", "must be KIND:MODEL or KIND+http://host/path", "\"openai:gpt-4o\"");
    } else {
      check_provider(pointer + "/url", provider.url);
    }
    if (!provider.base_url.empty()) check_base_url(pointer + "/base_url", provider.base_url);
    if (!provider.options.empty()) {
      const auto options = parse_json(provider.options, {.careful = true});
      if (!options || !options->is_object())
        fault(pointer + "/options", "must be a JSON object", "{}");
    }
    check_key(pointer + "/api_key", provider.api_key.reveal());
    for (std::size_t i = 0; i < provider.more_keys.size(); ++i)
      check_key(fmt::format("{}/more_keys/{}", pointer, i), provider.more_keys[i].reveal());
    for (const auto& [header, value] : provider.headers)
      check_header(json_pointer(pointer + "/headers", header), header, value.reveal());
    check_passed(pointer, provider);
  }

  // What goes into each request beside what the provider writes.
  void check_passed(const std::string& pointer, const ProviderConfig& provider) {
    if (provider.query.contains(""))
      fault(pointer + "/query", "has a member without a name", R"({"api-version": "preview"})");
    if (provider.body.empty()) return;
    const auto body = parse_json(provider.body, {.careful = true});
    if (!body || !body->is_object())
      return fault(pointer + "/body", "must be a JSON object", R"({"top_k": 40})");
    for (const auto& [name, value] : body->items()) {
      if (is_reserved_member(name)) {
        fault(json_pointer(pointer + "/body", name), "is what the engine itself sets; leave it out",
              R"({"top_k": 40})");
      }
    }
  }

  void check_base_url(const std::string& pointer, std::string_view url) {
    if (!check_url(pointer, url)) return;
    if (const char* const wrong = base_url_fault(url))
      fault(pointer, wrong, "\"https://models.example.com/v1\"");
  }

  // False with a fault: the text is no URL.
  bool check_url(const std::string& pointer, std::string_view url) {
    const auto parsed = TrustedUrl::parse(pointer, url);
    if (parsed) return true;
    // The error repeats the pointer in front; a fault has it apart.
    std::string_view message = parsed.error().what();
    if (message.starts_with(pointer + ": ")) message.remove_prefix(pointer.size() + 2);
    fault(pointer, std::string(message), "\"https://api.openai.com/v1\"");
    return false;
  }

  void check_key(const std::string& pointer, std::string_view key) {
    const bool odd =
        std::any_of(key.begin(), key.end(), [](char c) { return c <= 0x20 || c >= 0x7F; });
    if (odd) fault(pointer, "holds a space, line end or non-ASCII character", "\"sk-...\"");
    if (key.empty() || config_.mode != Mode::production) return;
    const bool known =
        std::any_of(std::begin(kExampleKeys), std::end(kExampleKeys),
                    [key](std::string_view example) { return equals_ignore_case(key, example); });
    if (known || key.find("your-") != std::string_view::npos ||
        key.find("your_") != std::string_view::npos) {
      fault(pointer, "is an example's key, which production mode refuses; set the real one",
            "\"sk-...\"");
    } else if (key.size() < kShortestKey) {
      fault(pointer,
            "is shorter than 8 characters, which production mode refuses; set the real one",
            "\"sk-...\"");
    }
  }

  void check_header(const std::string& pointer, std::string_view name, std::string_view value) {
    static constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
    const bool token = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
             kMarks.find(c) != std::string_view::npos;
    });
    const bool line = std::none_of(value.begin(), value.end(), [](char c) {
      return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
    });
    if (!token) fault(pointer, "is not a valid header name", "\"X-Team\"");
    if (!line) fault(pointer, "holds a line end or control character", "\"research\"");
  }

  // As user and password stand in a URL.
  static bool is_encoded(std::string_view user) noexcept {
    constexpr std::string_view kHex = "0123456789abcdefABCDEF";
    for (std::size_t i = 0; i < user.size(); ++i) {
      const char c = user[i];
      if (c <= 0x20 || c >= 0x7F || std::string_view("/?#\\@").find(c) != std::string_view::npos)
        return false;
      if (c == '%' && (user.size() - i < 3 || kHex.find(user[i + 1]) == kHex.npos ||
                       kHex.find(user[i + 2]) == kHex.npos))
        return false;
    }
    return true;
  }

  void check_proxy() {
    const std::string_view proxy = config_.http.proxy.reveal();
    if (proxy.empty() || proxy == "env") return;
    // Neither user nor password is copied.
    const auto scheme = proxy.find("://");
    const auto start = scheme == proxy.npos ? 0 : scheme + 3;
    const auto at = proxy.rfind('@');
    const bool has_user = at != proxy.npos && at >= start;
    if (has_user && !is_encoded(proxy.substr(start, at - start))) {
      fault("/http/proxy", "has a user or password with a character to percent-encode",
            "\"http://me:a%2Fb@proxy:3128\"");
    }
    std::string plain(proxy.substr(0, start));
    check_url("/http/proxy", plain.append(proxy.substr(has_user ? at + 1 : start)));
    if (proxy.starts_with("https://"))
      fault("/http/proxy", "must be \"\", \"env\" or an http:// address", "\"http://proxy:3128\"");
  }

  void check_tapes() {
    if (!config_.tape_record.empty() && !config_.tape_replay.empty()) {
      fault("/tape_record", "cannot be set together with /tape_replay; leave one of them empty",
            "\"\"");
    }
    if (config_.threads > 1 && !(config_.tape_record.empty() && config_.tape_replay.empty()))
      fault("/threads", "must be 0 or 1 with a tape, which is one order of exchanges", "0");
  }

  void check_names() {
    for (std::size_t i = 0; i < config_.metrics.size(); ++i) {
      if (config_.metrics[i].empty())
        fault(fmt::format("/metrics/{}", i), "must be the name of a metric", "\"sentiment\"");
    }
    for (const auto& [module, level] : config_.log_levels) {
      if (!contains(kLogModules, module))
        fault(json_pointer("/log_levels", module),
              "names no module that logs; use " + quoted_list(kLogModules), R"({"net": "debug"})");
    }
  }

  const Config& config_;
  std::vector<Fault> faults_;
};

Error file_error(ErrorCode code, const std::string& path, std::string_view what) {
  return Error(code, fmt::format("configuration file \"{}\": {}", path, what));
}

}  // namespace

Error faults_error(std::string_view what, const std::vector<Fault>& faults) {
  std::string text =
      fmt::format("{}: {} fault{}", what, faults.size(), faults.size() == 1 ? "" : "s");
  for (const Fault& fault : faults) {
    text += fmt::format("\n{}: {}", fault.pointer, fault.message);
    if (!fault.example.empty()) text += fmt::format(" (for example {})", fault.example);
  }
  Error error(ErrorCode::invalid_argument, std::move(text));
  if (!faults.empty()) error.with_pointer(faults.front().pointer);
  return error;
}

std::vector<Fault> Config::check() const {
  return Checker(*this).run();
}

Result<Config> Config::from_file(const std::string& path) {
  std::error_code fault;
  const auto status = std::filesystem::status(path, fault);
  if (!std::filesystem::exists(status))
    return file_error(ErrorCode::not_found, path, "does not exist");
  if (!std::filesystem::is_regular_file(status))
    return file_error(ErrorCode::invalid_argument, path, "is not a file");
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return file_error(ErrorCode::permission_denied, path,
                      "cannot be opened; check its permissions");
  std::string text(kMaxConfigBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return file_error(ErrorCode::storage_failed, path, "cannot be read");
  text.resize(static_cast<std::size_t>(file.gcount()));
  const bool fits = text.size() <= kMaxConfigBytes;
  auto config = fits ? from_json(text) : Result<Config>(Config{});
  wipe(text);
  if (!fits) return file_error(ErrorCode::too_large, path, "is larger than 1 MiB");
  if (config) return config;
  Error error = file_error(config.error().code(), path, config.error().what());
  error.with_pointer(std::string(config.error().pointer()));
  return error;
}

}  // namespace scena
