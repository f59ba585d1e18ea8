#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <scena/config.hpp>
#include <set>

#include "base/config_env.hpp"
#include "base/json.hpp"
#include "base/model_alias.hpp"
#include "base/text.hpp"

using namespace scena;
using namespace std::chrono_literals;

namespace {

std::string fault_text(std::string_view json) {
  const auto config = Config::from_json(json);
  return config ? std::string("accepted") : std::string(config.error().what());
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

Result<Config> env(std::map<std::string, std::string> variables, Config base = {}) {
  return config_from(
      [&variables](const char* name) {
        const auto found = variables.find(name);
        return found == variables.end() ? nullptr : found->second.c_str();
      },
      std::move(base));
}

std::string env_fault(std::map<std::string, std::string> variables, Config base = {}) {
  const auto config = env(std::move(variables), std::move(base));
  return config ? std::string("accepted") : std::string(config.error().what());
}

Config full_config() {
  Config config;
  config.storage = "sqlite:a.db";
  config.durability = Durability::process;
  config.storage_thread = StorageThread::off;
  config.clock = ClockKind::virtual_time;
  config.watcher = Watcher::pipe;
  config.seed = UINT64_MAX;
  config.mode = Mode::production;
  config.provider = "mine";
  config.model = "gpt-4o";
  config.providers["mine"] = {.url = "openai+http://localhost:8080/v1",
                              .model = "m",
                              .organization = "org",
                              .headers = {{"X-Team", "a/b"}},
                              .query = {{"team", "a"}},
                              .body = R"({"top_k":1})",
                              .options = R"({"top_k":3})"};
  config.timeouts = {1ms, 2ms, 3ms, 0ms};
  config.http = {.proxy = "http://proxy:3128",
                 .ca_file = "ca.pem",
                 .verify = false,
                 .max_connections_per_host = 1,
                 .pool_idle = 5ms,
                 .max_header_bytes = 6,
                 .max_line_bytes = 7,
                 .max_body_bytes = 8};
  config.limits = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  config.tools["search"] = {
      .description = "Searches.",
      .parameters = R"({"properties":{"q":{"type":"string"}},"type":"object"})",
      .method = "POST",
      .url = "https://example.com/{{q}}?k={{secret}}",
      .headers = {{"X-Q", "{{q}}"}},
      .body = R"({"q":"{{q}}"})",
      .secret = "KEY",
      .result = "/results",
      .private_network = true,
      .time_limit = 1ms,
      .max_result_bytes = 2,
      .cache_for = 3ms,
      .idempotent = false,
      .needs_approval = true,
      .everywhere = true};
  config.jobs = {false, 1, 2ms, 3ms, 4, WhenFull::drop_oldest, 5ms, 6ms};
  config.webhooks["audit"] = {.url = "https://example.com/hook",
                              .secret = "AUDIT",
                              .events = {"session.*"},
                              .tenant = "t",
                              .public_only = true,
                              .max_attempts = 2,
                              .max_waiting = 9,
                              .time_limit = 4ms};
  config.token_counters["gpt-4o"] = {.file = "o200k.tiktoken", .cut = TextCut::o200k};
  config.log_level = LogLevel::off;
  config.log_levels = {{"net", LogLevel::trace}};
  config.log_message_text = true;
  config.session_budget = Money::parse("0.000000000001");
  config.policy.aliases = {{"fast", {"mine", "small"}}};
  config.policy.cache = {.max_bytes = 1'000, .ttl = 5ms};
  config.policy.routes = {{.name = "long",
                           .tokens_from = 5,
                           .tokens_below = 9,
                           .tools = false,
                           .tiers = {"free"},
                           .languages = {"de"},
                           .budget_below = Money{7},
                           .to = {{"mine", "small", 3}, {.model = "large"}}}};
  config.policy.fallbacks = {{"mine", "openai:gpt-4o", "m"}};
  config.policy.continuation.attempts = 2;
  config.policy.retry = {.max_retries = 4, .first_delay = 1ms, .longest_delay = 2ms};
  config.policy.services = {{"mine", 7, 8ms, 9, 10, false}};
  config.policy.degraded = "Back in a minute.";
  config.policy.rates = {{RateKind::ai, RateOf::key, "gold", true, 5, 6ms}};
  config.policy.budgets = {{.of = BudgetOf::user,
                            .over = BudgetOver::month,
                            .tier = "free",
                            .limit = Money{5},
                            .marks = {10},
                            .at_limit = AtLimit::cheaper,
                            .cheaper = {.model = "tiny"}}};
  config.prices = {{"m", {.input = Money{3}, .reasoning = Money{4}}}};
  config.metrics = {"sentiment"};
  config.live_metrics = false;
  config.tape_record = "t.tape";
  config.tape_speed = 0.25;
  return config;
}

}  // namespace

TEST_CASE("the default configuration is without fault") {
  CHECK(Config{}.check().empty());
  CHECK(*Config::from_json("{}") == Config{});
}

TEST_CASE("every member survives the way to JSON and back") {
  for (const Config& config : {Config{}, full_config()}) {
    const auto again = Config::from_json(config.to_json());
    if (!again) FAIL(again.error().what());
    CHECK(*again == config);
    CHECK(again->to_json() == config.to_json());
  }
}

TEST_CASE("all faults of a configuration are reported at once, each with pointer and example") {
  const std::string text =
      fault_text(R"({"storrage":"x","threads":-1,"mode":"prod","limits":{"history_items":0},
      "providers":{"a/b":{"url":"openai:m","base_url":"htp://host"}},"http":{"verify":1},"session_budget":0.5})");
  CHECK(has(text, "7 faults"));
  CHECK(has(text, "/storrage: is not a known member; did you mean \"storage\"?"));
  CHECK(has(text, "/threads: must be a whole number from 0 to 1024 (for example 0)"));
  CHECK(has(text, "/mode: must be \"development\" or \"production\""));
  CHECK(has(text, "/limits/history_items: must be a whole number from 1 to"));
  CHECK(has(text,
            "/providers/a~1b/base_url: the URL has the scheme \"htp\"; did you mean \"http://\"?"));
  CHECK(has(text, "/http/verify: must be true or false"));
  CHECK(has(text, "/session_budget: must be an amount in USD above zero, as a decimal string"));
  CHECK(Config::from_json(R"({"threads":"2"})").error().pointer() == "/threads");
}

TEST_CASE("a member that occurs twice is refused, and so is a NUL in a text") {
  CHECK(has(fault_text(R"({"model":"a","model":"b"})"), "the member \"model\" occurs twice"));
  CHECK(has(fault_text(R"({"model":"a\u0000b"})"), "a string holds a NUL"));
}

TEST_CASE("a wrong type, a zero and a negative limit are refused for every number") {
  const Json all = *parse_json(Config{}.to_json());
  for (const char* group : {"limits", "http", "timeouts"}) {
    for (const auto& item : all[group].items()) {
      const std::string name = item.key();
      CAPTURE(name);
      if (!item.value().is_number()) continue;
      for (const char* bad : {"-1", "\"5\"", "1.5", "null", "[]", "1e300"}) {
        CHECK_FALSE(
            Config::from_json("{\"" + std::string(group) + "\":{\"" + name + "\":" + bad + "}}"));
      }
      const bool zero =
          bool(Config::from_json("{\"" + std::string(group) + "\":{\"" + name + "\":0}}"));
      CHECK(zero == name.ends_with("_ms"));
    }
  }
  for (const auto& item : all.items()) {
    const std::string name = item.key();
    CAPTURE(name);
    CHECK_FALSE(Config::from_json("{\"" + name + "\":[[1]]}"));
  }
}

TEST_CASE("the limit of the first byte may be left to the provider") {
  CHECK_FALSE(Config{}.timeouts.first_byte);
  CHECK(parse_json(Config{}.to_json())->at("timeouts").at("first_byte_ms").is_null());
  CHECK(Config::from_json(R"({"timeouts":{"first_byte_ms":0}})")->timeouts.first_byte == 0ms);
  CHECK_FALSE(Config::from_json(R"({"timeouts":{"first_byte_ms":null}})")->timeouts.first_byte);
  for (const char* bad : {"-1", "\"5\"", "1.5", "[]", "1e300"}) {
    CHECK(has(fault_text("{\"timeouts\":{\"first_byte_ms\":" + std::string(bad) + "}}"),
              "/timeouts/first_byte_ms: must be a whole number"));
  }
  Config config;
  config.timeouts.first_byte = -1ms;
  REQUIRE(config.check().size() == 1);
  CHECK(config.check()[0].pointer == "/timeouts/first_byte_ms");
}

TEST_CASE("a tape needs one order of exchanges, hence one thread at most") {
  for (const char* member : {"tape_record", "tape_replay"}) {
    const std::string tape = "\"" + std::string(member) + "\":\"a.tape\"";
    CHECK(fault_text("{\"threads\":1," + tape + "}") == "accepted");
    CHECK(has(fault_text("{\"threads\":2," + tape + "}"), "/threads: must be 0 or 1 with a tape"));
  }
}

TEST_CASE("limits set in code meet the same bounds as in JSON") {
  Config config;
  config.limits.viewer_events = 0;
  config.timeouts.idle = -1ms;
  config.threads = -2;
  std::set<std::string> pointers;
  for (const Fault& fault : config.check()) pointers.insert(fault.pointer);
  CHECK(pointers ==
        std::set<std::string>{"/limits/viewer_events", "/timeouts/idle_ms", "/threads"});
}

TEST_CASE("virtual time and the pipe watcher require that the host polls") {
  CHECK(has(fault_text(R"({"clock":"virtual","threads":2})"),
            "/threads: must be 0 with \"clock\": \"virtual\""));
  CHECK(has(fault_text(R"({"watcher":"pipe","threads":1})"),
            "/threads: must be 0 with \"watcher\": \"pipe\""));
  CHECK(Config::from_json(R"({"clock":"virtual","watcher":"pipe","threads":0})"));
}

TEST_CASE("a mistyped provider or storage is refused with what was meant") {
  CHECK(has(fault_text(R"({"provider":"opnai:gpt-4o"})"),
            "/provider: names no provider; did you mean \"openai\"?"));
  CHECK(has(fault_text(R"({"provider":"http://localhost/v1"})"),
            "/provider: needs a kind before an http:// or https:// address"));
  CHECK(has(fault_text(R"({"provider":"openai://localhost:1"})"), "openai+http://localhost"));
  CHECK(has(fault_text(R"({"storage":"mysql:x"})"), "/storage: names no storage kind; use"));
  CHECK(
      has(fault_text(R"({"log_levels":{"nosuch":"off"}})"), "/log_levels/nosuch: names no module"));
  CHECK(has(fault_text(R"({"provider":"openai+htp://x/v1"})"), "did you mean \"http://\"?"));
  CHECK(has(fault_text(R"({"provider":"openai+http//x/v1"})"), "/provider: "));
  CHECK(has(fault_text(R"({"provider":"open ai"})"), "/provider: "));
  CHECK(has(fault_text(R"({"provider":"minee","providers":{"mine":{"url":"script:"}}})"),
            "did you mean \"mine\"?"));
  CHECK(has(fault_text(R"({"providers":{"p":{}}})"), "/providers/p/url: is required"));
  CHECK(has(fault_text(R"({"storage":"sqlit:a.db"})"),
            "/storage: names no storage kind; did you mean \"sqlite:\"?"));
  CHECK(has(fault_text(R"({"storage":"sqlite:"})"), "/storage: names no file"));
  CHECK(has(fault_text(R"({"storage":"a.db"})"), "/storage: must be"));
  CHECK(Config::from_json(R"({"provider":"my-own-kind:x"})"));
}

TEST_CASE("production refuses keys from examples and short ones, development does not") {
  for (const char* key : {"sk-your-key", "CHANGEME", "short", "your-api-key-here", "***"}) {
    CAPTURE(key);
    const std::string providers =
        std::string(R"("providers":{"o":{"url":"openai:","api_key":")") + key + "\"}}";
    const std::string refused = fault_text("{\"mode\":\"production\"," + providers + "}");
    CHECK(has(refused, "/providers/o/api_key: "));
    CHECK_FALSE(has(refused, std::string("\"") + key + "\""));
    CHECK(fault_text("{" + providers + "}") == "accepted");
  }
  CHECK(Config::from_json(
      R"({"mode":"production","providers":{"o":{"url":"openai:","api_key":"sk-4f9a8e7d6c"}}})"));
}

TEST_CASE("no secret of a configuration is in its JSON or in its faults") {
  Config config;
  config.storage = "postgres://bob:hunter2xyz@db/x";
  config.http.proxy = "http://bob:hunter2xyz@proxy:1";
  config.providers["o"] = {.url = "openai+http://bob:hunter2xyz@host/v1",
                           .base_url = "htp://bob:hunter2xyz@host",
                           .api_key = "hunter2xyz\n",
                           .headers = {{"X-Api-Key", "hunter2xyz"}, {"X-Auth", "hunter2xyz\r"}},
                           .query = {{"key", "hunter2xyz"}},
                           .body = R"({"api_key":"hunter2xyz","model":"m"})",
                           .options = R"({"a":{"password":"hunter2xyz"},"n":1})"};
  CHECK_FALSE(has(config.to_json(), "hunter2xyz"));
  CHECK(has(config.to_json(), R"("api_key":"***")"));
  const auto faults = config.check();
  CHECK(faults.size() >= 3);
  for (const Fault& fault : faults) CHECK_FALSE(has(fault.message + fault.example, "hunter2xyz"));
}

TEST_CASE("members of a request that the engine sets are refused in a provider's body") {
  const auto with = [](const std::string& members) {
    return fault_text(R"({"providers":{"o":{"url":"openai:",)" + members + "}}}");
  };
  CHECK(with(R"("body":{"top_k":4},"query":{"team":"a"})") == "accepted");
  for (const char* name : {"model", "messages", "contents", "input", "stream"})
    CHECK(has(with(std::string(R"("body":{")") + name + "\":1}"),
              std::string("/providers/o/body/") + name));
  CHECK(has(with(R"("body":[])"), "/providers/o/body: must be an object"));
  CHECK(has(with(R"("query":{"":"a"})"), "/providers/o/query: "));
}

TEST_CASE("a configuration file that cannot be read is named") {
  CHECK(Config::from_file("/no/such/scena.json").error().code() == ErrorCode::not_found);
  CHECK(has(Config::from_file("/no/such/scena.json").error().what(), "/no/such/scena.json"));
  CHECK(Config::from_file("/").error().code() == ErrorCode::invalid_argument);
  const auto path =
      (std::filesystem::temp_directory_path() / ("scena_config_test_" + std::to_string(::getpid())))
          .string();
  std::ofstream(path) << R"({"threads":3})";
  CHECK(Config::from_file(path)->threads == 3);
  std::ofstream(path) << R"({"threads":-3})";
  CHECK(has(Config::from_file(path).error().what(), path));
  CHECK(Config::from_file(path).error().pointer() == "/threads");
  std::ofstream(path) << std::string((1u << 20) + 1, ' ');
  CHECK(Config::from_file(path).error().code() == ErrorCode::too_large);
  std::filesystem::remove(path);
}

TEST_CASE("the environment fills the configuration") {
  const auto config = env({{"DATABASE_URL", "file:./prisma/dev.db?connection_limit=1"},
                           {"LLM_PROVIDER", "openai"},
                           {"LLM_MODEL", "gpt-4"},
                           {"LLM_TIMEOUT", "1500"},
                           {"OPENAI_API_KEY", "sk-abc"},
                           {"OPENAI_ORG_ID", "org-1"},
                           {"OPENAI_MODEL_PRIMARY", "gpt-4o"},
                           {"SCENA_SEED", "7"},
                           {"MAX_CONVERSATION_HISTORY", "9"},
                           {"ENABLE_ANALYTICS", "False"},
                           {"ANALYTICS_RETENTION_DAYS", "90"},
                           {"LOG_LEVEL", "WARN"},
                           {"SCENA_CLOCK", "virtual"},
                           {"SCENA_THREADS", "0"},
                           {"ANTHROPIC_API_KEY", ""}});
  if (!config) FAIL(config.error().what());
  CHECK(config->storage == "sqlite:./prisma/dev.db");
  CHECK(config->provider == "openai");
  CHECK(config->model == "gpt-4");
  CHECK_FALSE(config->analytics.enabled);
  CHECK(config->analytics.retention_days == 90);
  CHECK(config->timeouts.first_byte == 1500ms);
  CHECK(config->timeouts.idle == 1500ms);
  CHECK(config->timeouts.connect == 5000ms);
  CHECK(config->providers.at("openai") == ProviderConfig{.url = "openai:",
                                                         .base_url = "https://api.openai.com/v1",
                                                         .api_key = "sk-abc",
                                                         .model = "gpt-4o",
                                                         .organization = "org-1"});
  CHECK(config->seed == 7);
  CHECK(config->limits.history_items == 9);
  CHECK(config->log_level == LogLevel::warn);
  CHECK(config->clock == ClockKind::virtual_time);
  CHECK_FALSE(config->providers.contains("anthropic"));
  CHECK(env({{"SESSION_STORAGE", "memory"}, {"DATABASE_URL", "file:a.db"}})->storage == "memory:");
  CHECK(env({{"DATABASE_URL", "postgresql://h/db"}})->storage == "postgres://h/db");
  CHECK(env({{"NODE_ENV", "production"}})->mode == Mode::production);
  CHECK(env({{"NODE_ENV", "production"}, {"SCENA_MODE", "development"}})->mode ==
        Mode::development);
}

TEST_CASE(
    "keys and addresses of Gemini, Cohere and Ollama come from their own clients' variables") {
  const auto config = env({{"GEMINI_API_KEY", "gemini-key"},
                           {"GOOGLE_API_KEY", "google-key"},
                           {"GOOGLE_GEMINI_BASE_URL", "http://localhost:1"},
                           {"CO_API_KEY", "co-key"},
                           {"LLM_PROVIDER", "ollama"}});
  if (!config) FAIL(config.error().what());
  CHECK(
      config->providers.at("gemini") ==
      ProviderConfig{.url = "gemini:", .base_url = "http://localhost:1", .api_key = "google-key"});
  CHECK(config->providers.at("cohere") == ProviderConfig{.url = "cohere:", .api_key = "co-key"});
  CHECK(config->providers.at("ollama") == ProviderConfig{.url = "ollama:"});
  CHECK(config->provider == "ollama");
  CHECK(env({{"GEMINI_API_KEY", "k"}})->providers.at("gemini").api_key == "k");
  const auto host = [](const char* text) {
    const auto read = env({{"OLLAMA_HOST", text}});
    return read ? read->providers.at("ollama").base_url : std::string(read.error().what());
  };
  CHECK(host("gpu") == "http://gpu:11434");
  CHECK(host("gpu:80") == "http://gpu:80");
  CHECK(host(":8080") == "http://127.0.0.1:8080");
  CHECK(host("https://gpu.example/ollama") == "https://gpu.example/ollama");
  CHECK(host("::1") == "http://[::1]:11434");
  CHECK(host("[::1]:7") == "http://[::1]:7");
}

TEST_CASE("an empty environment changes nothing") {
  CHECK(*env({}) == Config{});
  CHECK(*env({}, full_config()) == full_config());
}

TEST_CASE("every fault of the environment is reported at once, named by its variable") {
  const std::string text = env_fault({{"LLM_PROVIDER", "opnai"},
                                      {"LLM_TIMEOUT", "0"},
                                      {"OPENAI_BASE_URL", "http//x"},
                                      {"MAX_CONVERSATION_HISTORY", "ten"},
                                      {"ENABLE_ANALYTICS", "maybe"},
                                      {"ANALYTICS_RETENTION_DAYS", "0"},
                                      {"LOG_LEVEL", "loud"},
                                      {"SCENA_SEED", "-1"},
                                      {"SESSION_STORAGE", "redis"},
                                      {"SCENA_MODE", "prod"},
                                      {"NODE_ENV", "live"},
                                      {"SCENA_CLOCK", "fake"},
                                      {"SCENA_THREADS", "x"},
                                      {"DATABASE_URL", "dev.db"}});
  CHECK(has(text,
            "LLM_PROVIDER: must be \"openai\", \"anthropic\", \"azure\", \"gemini\", \"cohere\", "
            "\"ollama\", \"script\" or \"fault\""));
  CHECK(has(text, "14 faults"));
  for (const char* name :
       {"LLM_TIMEOUT", "OPENAI_BASE_URL", "MAX_CONVERSATION_HISTORY", "ENABLE_ANALYTICS",
        "ANALYTICS_RETENTION_DAYS", "LOG_LEVEL", "SCENA_SEED", "SESSION_STORAGE", "SCENA_MODE",
        "NODE_ENV", "SCENA_CLOCK", "SCENA_THREADS", "DATABASE_URL"}) {
    CAPTURE(name);
    CHECK(has(text, std::string("\n") + name + ": "));
  }
  const std::string user = env_fault({{"ANTHROPIC_BASE_URL", "https://ann:pw@proxy.test/v1"}});
  CHECK(has(user, "ANTHROPIC_BASE_URL: a user in the base URL is not allowed"));
  CHECK_FALSE(has(user, "pw@"));
  CHECK(has(env_fault({{"SCENA_CLOCK", "virtual"}, {"SCENA_THREADS", "2"}}),
            "\nSCENA_THREADS: must be 0 with"));
  CHECK(has(env_fault({{"NODE_ENV", "production"}, {"OPENAI_API_KEY", "sk-your-key"}}),
            "\nOPENAI_API_KEY: "));
}

TEST_CASE("every fault of a policy is told with its pointer, alone and inside a configuration") {
  const std::string policy = R"({"cash":1,"cache":{"ttl_ms":0},"degraded":5,
      "routes":[{"name":"","to":[]},{"name":"x","tokens_from":5,"tokens_below":5,"to":[{}]},
                {"name":"y","to":[{"model":"m","weight":0}]}],
      "fallbacks":[{"from":"a"}],"continuation":{"attempts":11},
      "retry":{"first_delay_ms":10,"longest_delay_ms":5},
      "services":[{"service":"a"},{"service":"a"},{"failures_to_open":-1}],
      "rates":[{"class":"chat"},{"span_ms":0}],
      "budgets":[{"limit":"0"},{"limit":"-1"},{"limit":"1","marks":[80,50]},
                 {"limit":"1","marks":[101]},{"limit":"1","at_limit":"cheaper"},
                 {"limit":"1","cheaper":{"model":"m"}}]})";
  const char* pointers[] = {"/cash",
                            "/cache/ttl_ms",
                            "/degraded",
                            "/routes/0/name",
                            "/routes/0/to",
                            "/routes/1/tokens_below",
                            "/routes/1/to/0",
                            "/routes/2/to/0/weight",
                            "/fallbacks/0",
                            "/continuation/attempts",
                            "/retry/longest_delay_ms",
                            "/services/1/service",
                            "/services/2/failures_to_open",
                            "/rates/0/class",
                            "/rates/1/span_ms",
                            "/budgets/0/limit",
                            "/budgets/1/limit",
                            "/budgets/2/marks",
                            "/budgets/3/marks",
                            "/budgets/4/cheaper",
                            "/budgets/5/cheaper"};
  const auto alone = Policy::from_json(policy);
  REQUIRE_FALSE(alone);
  const std::string inside = fault_text("{\"policy\":" + policy + "}");
  for (const std::string pointer : pointers) {
    CAPTURE(pointer);
    CHECK(has(alone.error().what(), "\n" + pointer + ": "));
    CHECK(has(inside, "\n/policy" + pointer + ": "));
  }
}

TEST_CASE("an alias is followed to a service's model, whose own name may be the alias's") {
  const ModelAliases aliases = {{"best", {.model = "smart"}},  {"smart", {"azure", "gpt-4"}},
                                {"gpt-4", {"azure", "gpt-4"}}, {"plain", {.provider = "mine"}},
                                {"loop", {.model = "pool"}},   {"pool", {.model = "loop"}}};
  const auto resolved = [&](std::string model) {
    std::string provider = "asked";
    const std::string alias = resolve_alias(aliases, provider, model);
    return alias + ": " + provider + " " + model;
  };
  CHECK(resolved("best") == "best: azure gpt-4");
  CHECK(resolved("gpt-4") == "gpt-4: azure gpt-4");
  CHECK(resolved("plain") == "plain: mine ");
  CHECK(resolved("gpt-5") == ": asked gpt-5");
  CHECK(resolved("") == ": asked ");
  resolved("loop");  // ends
}

TEST_CASE("an alias at fault is told with its field: circle, nothing, provider's name, slip") {
  const std::string text = fault_text(R"({
      "providers":{"mine":{"url":"openai:m"}},
      "policy":{"aliases":{"":{"model":"x"},"none":{},"me":{"model":"me"},
                           "a":{"model":"b"},"b":{"model":"c"},"c":{"model":"b"},
                           "mine":{"model":"x"},"openai":{"model":"x"},
                           "lost/1":{"provider":"opneai"},"good":{"provider":"mine"}}},
      "analysis":{"model":"good"},"judge":{"model":"good"}})");
  CHECK(has(text, "11 faults"));
  for (const char* told :
       {"/policy/aliases/: must have a name", "/policy/aliases/none: must name",
        "/policy/aliases/me/model: leads back", "/policy/aliases/a/model: leads back",
        "/policy/aliases/b/model: leads back", "/policy/aliases/c/model: leads back",
        "/policy/aliases/mine: has the name of a provider",
        "/policy/aliases/openai: has the name of a provider",
        "/policy/aliases/lost~11/provider: names no provider; did you mean",
        "/analysis/provider: is empty", "/judge/provider: is empty"}) {
    CAPTURE(told);
    CHECK(has(text, told));
  }
  CHECK_FALSE(Policy::from_json(R"({"aliases":{"a":{"model":"a"}}})"));
}

TEST_CASE("a policy survives the way to JSON and back, and the default is without fault") {
  const Policy policy = full_config().policy;
  CHECK(*Policy::from_json(policy.to_json()) == policy);
  CHECK(*Policy::from_json("{}") == Policy{});
  CHECK_FALSE(Policy::from_json("[]"));
}

TEST_CASE("further keys are checked and shown like the first one") {
  Config config;
  config.providers["openai"] = {
      .url = "openai:m", .api_key = "sk-first-key-000", .more_keys = {"sk-second-key-000"}};
  CHECK_FALSE(has(config.to_json(), "sk-second"));
  config.providers["openai"].more_keys = {"sk-second-key-000", "a b"};
  REQUIRE(config.check().size() == 1);
  CHECK(config.check()[0].pointer == "/providers/openai/more_keys/1");
}

TEST_CASE("OPENAI_MODEL_FALLBACK is asked when openai fails before its first content") {
  const auto config =
      *env({{"OPENAI_MODEL_FALLBACK", "gpt-3.5-turbo"}, {"OPENAI_MODEL_PRIMARY", "gpt-4"}});
  CHECK(config.providers.at("openai").model == "gpt-4");
  REQUIRE(config.policy.fallbacks.size() == 1);
  CHECK(config.policy.fallbacks[0] == FallbackRule{"openai", "", "gpt-3.5-turbo"});
}

TEST_CASE("limits that nobody set are those that hosts are promised") {
  const Config config;
  CHECK(config.timeouts.connect == 5'000ms);
  CHECK(config.timeouts.idle == 30'000ms);
  CHECK(config.timeouts.total == 600'000ms);
  CHECK(config.limits.answer_bytes == 4u << 20);
  CHECK(config.limits.message_bytes == 256u << 10);
  CHECK(config.limits.viewer_events == 1'000);
  CHECK(config.limits.viewer_bytes == 1u << 20);
  CHECK(config.limits.commands_per_session == 64);
  CHECK(config.limits.history_items == 50);
  CHECK(config.max_retries == 2);
}

TEST_CASE("the reference page names every member and every variable") {
  std::ifstream file(std::string(SCENA_TEST_DIR) + "/../docs/reference/configuration.md");
  const std::string page((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::vector<std::string> names;
  const Json all = *parse_json(full_config().to_json());
  for (const auto& [name, value] : all.items()) {
    const bool group = name == "timeouts" || name == "http" || name == "limits" || name == "jobs" ||
                       name == "analysis" || name == "judge" || name == "analytics";
    if (!group) names.push_back(name);
    if (!group) continue;
    for (const auto& [inner, ignored] : value.items()) names.push_back(name + "." + inner);
  }
  for (const auto& [name, value] : all["providers"]["mine"].items())
    names.push_back("providers.NAME." + name);
  for (const auto& [name, value] : all["tools"]["search"].items())
    names.push_back("tools.NAME." + name);
  for (const auto& [name, value] : all["webhooks"]["audit"].items())
    names.push_back("webhooks.NAME." + name);
  for (const auto& [name, value] : all["token_counters"]["gpt-4o"].items())
    names.push_back("token_counters.MODELS." + name);
  for (std::string_view name : env_names()) names.emplace_back(name);
  CHECK(names.size() > 60);
  for (const auto& name : names) {
    CAPTURE(name);
    CHECK(has(page, "\n| `" + name + "` |"));
  }
}

TEST_CASE("the five tools of the examples are without fault and keep results as long as they say") {
  const auto config =
      Config::from_file(std::string(SCENA_TEST_DIR) + "/../examples/tools/tools.json");
  if (!config) FAIL(config.error().what());
  const std::map<std::string, std::chrono::minutes> kept = {{"weather", 10min},
                                                            {"currency", 5min},
                                                            {"news", 15min},
                                                            {"web_search", 30min},
                                                            {"places", 60min}};
  CHECK(config->tools.size() == kept.size());
  for (const auto& entry : kept) {
    CAPTURE(entry.first);
    CHECK(config->tools.at(entry.first).cache_for == entry.second);
    CHECK_FALSE(config->tools.at(entry.first).private_network);
  }
}
