#include "base/config_env.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <concepts>
#include <cstdlib>
#include <initializer_list>

#include "base/config_members.hpp"
#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "base/suggest.hpp"
#include "base/text.hpp"

namespace scena {
namespace {

constexpr const char* kDefaultOpenAi = "https://api.openai.com/v1";
constexpr std::string_view kNames[] = {"DATABASE_URL",
                                       "SESSION_STORAGE",
                                       "LLM_PROVIDER",
                                       "LLM_MODEL",
                                       "LLM_TIMEOUT",
                                       "OPENAI_API_KEY",
                                       "OPENAI_BASE_URL",
                                       "OPENAI_ORG_ID",
                                       "OPENAI_MODEL_PRIMARY",
                                       "AZURE_OPENAI_API_KEY",
                                       "AZURE_OPENAI_ENDPOINT",
                                       "OPENAI_API_VERSION",
                                       "OPENAI_MODEL_FALLBACK",
                                       "ANTHROPIC_API_KEY",
                                       "ANTHROPIC_BASE_URL",
                                       "MAX_CONVERSATION_HISTORY",
                                       "ENABLE_ANALYTICS",
                                       "ANALYTICS_RETENTION_DAYS",
                                       "LOG_LEVEL",
                                       "SCENA_SEED",
                                       "SCENA_CLOCK",
                                       "SCENA_THREADS",
                                       "NODE_ENV",
                                       "SCENA_MODE",
                                       "GOOGLE_API_KEY",
                                       "GEMINI_API_KEY",
                                       "GOOGLE_GEMINI_BASE_URL",
                                       "CO_API_KEY",
                                       "CO_API_URL",
                                       "OLLAMA_API_KEY",
                                       "OLLAMA_HOST"};

class EnvReader {
 public:
  EnvReader(const EnvLookup& lookup, Config base) : lookup_(lookup), config_(std::move(base)) {}

  Result<Config> run() {
    read_storage();
    read_openai();
    read_azure();
    read_anthropic();
    read_service("gemini", {"GEMINI_API_KEY", "GOOGLE_API_KEY"}, "GOOGLE_GEMINI_BASE_URL");
    read_service("cohere", {"CO_API_KEY"}, "CO_API_URL");
    read_ollama();
    read_provider();
    read_timeout();
    read_scalars();
    read_analytics();
    read_mode();
    // What the variables mean together is judged by check(), but named by the variable that set it.
    for (Fault& fault : config_.check()) {
      const auto variable = variables_.find(fault.pointer);
      if (variable != variables_.end()) fault.pointer = variable->second;
      if (!already_named(fault.pointer)) faults_.push_back(std::move(fault));
    }
    if (!faults_.empty()) return faults_error("environment", faults_);
    return std::move(config_);
  }

 private:
  // An empty variable counts as unset: that is how compose files and CI pass what nobody filled in.
  std::string_view get(const char* name) const {
    const char* value = lookup_(name);
    return value ? trim(value) : std::string_view();
  }

  void fault(const char* name, std::string message, std::string example) {
    faults_.push_back({name, std::move(message), std::move(example)});
  }

  bool already_named(std::string_view name) const {
    return std::any_of(faults_.begin(), faults_.end(),
                       [name](const Fault& fault) { return fault.pointer == name; });
  }

  template <class T>
  requires std::same_as<T, std::string> || std::same_as<T, Secret>
  void text(const char* name, T& out, std::string pointer) {
    const auto value = get(name);
    if (value.empty()) return;
    out = value;
    variables_[std::move(pointer)] = name;
  }

  template <class T>
  std::optional<T> number(const char* name, T low, T high, const char* example) {
    const auto value = get(name);
    if (value.empty()) return std::nullopt;
    T result{};
    const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), result);
    if (failure == std::errc() && end == value.data() + value.size() && result >= low &&
        result <= high)
      return result;
    fault(name, fmt::format("must be a whole number from {} to {}", low, high), example);
    return std::nullopt;
  }

  void flag(const char* name, bool& out) {
    const auto value = get(name);
    if (value.empty()) return;
    const auto is = [value](std::string_view word) { return equals_ignore_case(value, word); };
    if (is("true") || is("1") || is("on") || is("yes")) {
      out = true;
    } else if (is("false") || is("0") || is("off") || is("no")) {
      out = false;
    } else {
      fault(name, "must be true or false", "true");
    }
  }

  template <class E>
  void word(const char* name, E& out) {
    const auto value = get(name);
    if (value.empty()) return;
    const auto& words = Words<E>::kAll;
    const auto found = std::find_if(words.begin(), words.end(), [value](std::string_view w) {
      return equals_ignore_case(w, value);
    });
    if (found == words.end())
      return fault(name, "must be " + quoted_list(words), std::string(words[0]));
    out = static_cast<E>(found - words.begin());
  }

  void read_storage() {
    const auto url = get("DATABASE_URL");
    if (!url.empty()) {
      config_.storage = url;
      if (url.starts_with("file:"))
        config_.storage = fmt::format("sqlite:{}", url.substr(5, url.find('?') - 5));
      if (url.starts_with("postgresql:"))
        config_.storage = fmt::format("postgres:{}", url.substr(11));
      variables_["/storage"] = "DATABASE_URL";
    }
    const auto sessions = get("SESSION_STORAGE");
    if (sessions.empty()) return;
    if (sessions != "memory") {
      return fault("SESSION_STORAGE",
                   "must be \"memory\"; for a database leave it out and set DATABASE_URL",
                   "memory");
    }
    config_.storage = "memory:";
    variables_["/storage"] = "SESSION_STORAGE";
  }

  void read_openai() {
    const auto asked = get("LLM_PROVIDER") == "openai";
    const bool any = asked || !get("OPENAI_API_KEY").empty() || !get("OPENAI_BASE_URL").empty() ||
                     !get("OPENAI_ORG_ID").empty() || !get("OPENAI_MODEL_PRIMARY").empty() ||
                     !get("OPENAI_MODEL_FALLBACK").empty();
    if (!any) return;
    ProviderConfig& provider = config_.providers["openai"];
    if (provider.url.empty()) provider.url = "openai:";
    if (provider.base_url.empty()) provider.base_url = kDefaultOpenAi;
    text("OPENAI_API_KEY", provider.api_key, "/providers/openai/api_key");
    text("OPENAI_BASE_URL", provider.base_url, "/providers/openai/base_url");
    text("OPENAI_ORG_ID", provider.organization, "/providers/openai/organization");
    text("OPENAI_MODEL_PRIMARY", provider.model, "/providers/openai/model");
    const auto fallback = get("OPENAI_MODEL_FALLBACK");
    if (fallback.empty()) return;
    config_.policy.fallbacks.push_back(
        {.from = "openai", .provider = {}, .model = std::string(fallback)});
  }

  void read_azure() {
    const auto version = get("OPENAI_API_VERSION");
    const auto asked = get("LLM_PROVIDER") == "azure";
    if (!asked && get("AZURE_OPENAI_API_KEY").empty() && get("AZURE_OPENAI_ENDPOINT").empty())
      return;
    ProviderConfig& provider = config_.providers["azure"];
    if (provider.url.empty()) provider.url = "azure:";
    text("AZURE_OPENAI_API_KEY", provider.api_key, "/providers/azure/api_key");
    text("AZURE_OPENAI_ENDPOINT", provider.base_url, "/providers/azure/base_url");
    if (version.empty() || !provider.options.empty()) return;
    JsonWriter(provider.options).begin_object().member("api_version", version).end_object();
    variables_["/providers/azure/options"] = "OPENAI_API_VERSION";
  }

  void read_anthropic() {
    const auto asked = get("LLM_PROVIDER") == "anthropic";
    if (!asked && get("ANTHROPIC_API_KEY").empty() && get("ANTHROPIC_BASE_URL").empty()) return;
    ProviderConfig& provider = config_.providers["anthropic"];
    if (provider.url.empty()) provider.url = "anthropic:";
    text("ANTHROPIC_API_KEY", provider.api_key, "/providers/anthropic/api_key");
    text("ANTHROPIC_BASE_URL", provider.base_url, "/providers/anthropic/base_url");
  }

  // The last key that is set wins.
  void read_service(const char* kind, std::initializer_list<const char*> keys, const char* base) {
    bool any = get("LLM_PROVIDER") == kind || !get(base).empty();
    for (const char* key : keys) any |= !get(key).empty();
    if (!any) return;
    ProviderConfig& provider = config_.providers[kind];
    if (provider.url.empty()) provider.url = fmt::format("{}:", kind);
    const std::string pointer = fmt::format("/providers/{}/", kind);
    for (const char* key : keys) text(key, provider.api_key, pointer + "api_key");
    text(base, provider.base_url, pointer + "base_url");
  }

  // As its own clients read it: a host, a host with a port, a port alone, or a whole address.
  void read_ollama() {
    read_service("ollama", {"OLLAMA_API_KEY"}, "OLLAMA_HOST");
    std::string_view host = get("OLLAMA_HOST");
    if (host.empty() || host.starts_with("http://") || host.starts_with("https://")) return;
    while (host.ends_with('/')) host.remove_suffix(1);
    const bool bare_v6 = host.find(':') != host.rfind(':') && !host.starts_with('[');
    std::string address(bare_v6 ? fmt::format("[{}]", host) : std::string(host));
    if (address.starts_with(':')) address.insert(0, "127.0.0.1");
    const std::size_t behind_host = address.find(']') == std::string::npos ? 0 : address.find(']');
    if (address.find(':', behind_host) == std::string::npos) address += ":11434";
    config_.providers["ollama"].base_url = "http://" + address;
  }

  void read_provider() {
    const auto name = get("LLM_PROVIDER");
    if (!name.empty()) {
      std::vector<std::string_view> allowed{"openai", "anthropic", "azure",  "gemini",
                                            "cohere", "ollama",    "script", "fault"};
      for (const auto& [known, provider] : config_.providers) {
        if (std::find(allowed.begin(), allowed.end(), known) == allowed.end())
          allowed.push_back(known);
      }
      if (std::find(allowed.begin(), allowed.end(), name) == allowed.end()) {
        fault("LLM_PROVIDER", "must be " + quoted_list(allowed), "openai");
      } else {
        config_.provider = name;
      }
    }
    text("LLM_MODEL", config_.model, "/model");
  }

  void read_timeout() {
    const auto limit = number<std::int64_t>("LLM_TIMEOUT", 1, 86'400'000, "30000");
    if (!limit) return;
    config_.timeouts.idle = std::chrono::milliseconds(*limit);
    config_.timeouts.first_byte = config_.timeouts.idle;
  }

  void read_scalars() {
    if (const auto items = number<std::size_t>("MAX_CONVERSATION_HISTORY", 1, 1'000'000, "50")) {
      config_.limits.history_items = *items;
    }
    word("LOG_LEVEL", config_.log_level);
    if (const auto seed = number<std::uint64_t>("SCENA_SEED", 0, UINT64_MAX, "7"))
      config_.seed = *seed;
    word("SCENA_CLOCK", config_.clock);
    if (const auto threads = number<int>("SCENA_THREADS", 0, 1'024, "0")) {
      config_.threads = *threads;
      variables_["/threads"] = "SCENA_THREADS";
    }
  }

  void read_analytics() {
    flag("ENABLE_ANALYTICS", config_.analytics.enabled);
    if (const auto days = number<int>("ANALYTICS_RETENTION_DAYS", 1, 36'500, "30"))
      config_.analytics.retention_days = *days;
  }

  void read_mode() {
    const auto node = get("NODE_ENV");
    if (node == "production") {
      config_.mode = Mode::production;
    } else if (node == "development" || node == "test") {
      config_.mode = Mode::development;
    } else if (!node.empty()) {
      fault("NODE_ENV", "must be \"production\", \"development\" or \"test\"", "production");
    }
    word("SCENA_MODE", config_.mode);
  }

  const EnvLookup& lookup_;
  Config config_;
  std::vector<Fault> faults_;
  std::map<std::string, std::string, std::less<>> variables_;  // JSON pointer -> variable
};

}  // namespace

std::span<const std::string_view> env_names() noexcept {
  return kNames;
}

Result<Config> config_from(const EnvLookup& lookup, Config base) {
  return EnvReader(lookup, std::move(base)).run();
}

Result<Config> Config::from_env(Config base) {
  const EnvLookup process = [](const char* name) -> const char* {
    return std::getenv(name);  // lint: the caller asks for it
  };
  return config_from(process, std::move(base));
}

}  // namespace scena
