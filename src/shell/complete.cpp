#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "shell/commands.hpp"
#include "shell/completion_json.hpp"
#include "shell/config.hpp"
#include "shell/files.hpp"
#include "shell/key_mask.hpp"
#include "shell/signals.hpp"
#include "shell/tools_file.hpp"

namespace scena::shell {
namespace {

using std::chrono::milliseconds;

struct KindWord {
  std::string_view word;     // of --provider
  const char* kind;          // of a provider URL
  const char* options = "";  // what these services do otherwise
};

constexpr KindWord kKinds[] = {
    {"openai", "openai"},
    // Some of them never send a finish_reason: [DONE] is the end mark that all of them have.
    {"openai-compatible", "openai", R"({"no_finish_reason": true})"},
    {"openai-responses", "openai_responses"},
    {"anthropic", "anthropic"},
    {"gemini", "gemini"},
    {"cohere", "cohere"},
    {"ollama", "ollama"},
};

Error bad_option(const char* option, std::string_view what) {
  return Error(ErrorCode::invalid_argument, fmt::format("{}: {}", option, what));
}

ProviderConfig service(const Args& args) {
  const auto known = std::find_if(std::begin(kKinds), std::end(kKinds),
                                  [&](const KindWord& kind) { return args.provider == kind.word; });
  if (known == std::end(kKinds))
    throw bad_option("--provider",
                     "it must be openai, openai-compatible, openai-responses, "
                     "anthropic, gemini, cohere or ollama");
  if (known->word == "openai-compatible" && args.base_url.empty())
    throw bad_option("--base-url", "openai-compatible needs one, e.g. http://localhost:8080/v1");
  ProviderConfig config;
  config.url = std::string(known->kind) + ":";
  config.model = args.model;
  config.base_url = args.base_url;
  config.options = known->options;
  if (const char* key = std::getenv("SCENA_API_KEY"); key) config.api_key = key;
  return config;
}

// Of a configuration file what its aliases need: their providers go with them.
void keep_aliases(Config& config) {
  std::map<std::string, ProviderConfig> providers;
  for (const auto& [name, alias] : config.policy.aliases) {
    // "openai:gpt-4o" takes address and key from the entry "openai".
    for (const std::string& entry : {alias.provider, std::string(provider_kind(alias.provider))}) {
      const auto named = config.providers.find(entry);
      if (named != config.providers.end()) providers.insert(*named);
    }
  }
  config.providers = std::move(providers);
  auto aliases = std::move(config.policy.aliases);
  config.policy = {};  // neither another service nor a second try
  config.policy.aliases = std::move(aliases);
}

// The command line says which service is asked, be it by an alias, and how often: once.
Config configuration(const Args& args) {
  Args general = args;
  general.provider.clear();
  general.model.clear();
  Config config = make_config(general).value_or_throw();
  config.storage = "memory:";
  keep_aliases(config);
  config.provider = "service";
  while (config.providers.contains(config.provider) ||
         config.policy.aliases.contains(config.provider))
    config.provider += '_';
  config.providers[config.provider] = service(args);
  config.max_retries = 0;
  return config;
}

ReplyRequest request(const Args& args, const Config& config) {
  ReplyRequest request;
  request.model = args.model;
  auto prompt = read_file(args.file);
  if (!prompt) throw bad_option("--prompt-file", prompt.error().what());
  if (prompt->empty()) throw bad_option("--prompt-file", "the file is empty");
  PromptMessage& message = request.messages.emplace_back();
  message.text = std::move(*prompt);
  request.tools = read_tools(args.tools_file);
  request.stream = !args.no_stream;
  request.timeouts = config.timeouts;
  request.max_bytes = config.limits.answer_bytes;
  if (args.timeout_ms) {
    // One limit for everything, so that no other ends the request before it.
    const milliseconds limit(*args.timeout_ms);
    request.timeouts = {std::min(limit, config.timeouts.connect), limit, limit, limit};
  }
  return request;
}

// Shows the text as it comes.
class Spoken final : public ReplySink {
 public:
  Spoken(Console& console, KeyMask mask, std::stop_source& stop)
      : console_(console), mask_(std::move(mask)), stop_(stop) {}

  void on_start(const ReplyStart&) override {}
  void on_text(std::string_view delta) override { show(delta); }
  void on_refusal(std::string_view delta) override { show(delta); }
  void on_flush() override {
    console_.flush();
    if (console_.is_broken()) stop_.request_stop();
  }
  void on_done(const ReplyEnd&) override {
    write(mask_.rest());
    if (shown_) console_.line("");
  }

 private:
  void show(std::string_view text) {
    shown_ = true;
    write(mask_.take(text));
  }

  void write(const std::string& text) {
    console_.write(console_.is_terminal() ? printable(text) : text);
  }

  Console& console_;
  KeyMask mask_;
  std::stop_source& stop_;
  bool shown_ = false;
};

// Without the key, which a service may repeat.
Completion masked(Completion reply, const KeyMask& mask) {
  reply.text = mask.whole(std::move(reply.text));
  for (ToolCall& call : reply.tool_calls) {
    call.name = mask.whole(std::move(call.name));
    call.arguments = mask.whole(std::move(call.arguments));
  }
  return reply;
}

Completion ask(const Args& args, Console& console) {
  const Signals signals;
  const Config config = configuration(args);
  const KeyMask mask(config);
  ReplyRequest what = request(args, config);
  Engine engine = Engine::open(config, make_dependencies());
  std::stop_source stop;
  std::shared_ptr<ReplySink> live;
  if (!args.json) live = std::make_shared<Spoken>(console, mask, stop);
  const auto answer = engine.complete(config.provider, std::move(what), live, stop.get_token());
  while (!answer.ready()) {
    if (signals.asked()) stop.request_stop();
    while (engine.poll() != 0 && !answer.ready()) {
    }
    if (answer.ready()) break;
    milliseconds left(60'000);
    if (const auto deadline = engine.next_deadline())
      left = std::chrono::ceil<milliseconds>(*deadline - engine.clock().now());
    pollfd watched[] = {{engine.wait_fd(), POLLIN, 0}, {signals.descriptor(), POLLIN, 0}};
    const nfds_t count = stop.stop_requested() ? 1 : 2;
    ::poll(watched, count, static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000)));
  }
  return masked(answer.get(), mask);
}

std::string summary(const Completion& reply) {
  const Usage& usage = reply.usage;
  return fmt::format(
      "{} tokens in, {} out{}, ${}{}", usage.input_tokens, usage.output_tokens,
      usage.estimated ? " (estimated)" : "", reply.cost.to_string(),
      reply.finish_reason ? fmt::format(", {}", to_string(*reply.finish_reason)) : "");
}

Exit tell(const Completion& reply, Console& console) {
  for (const ToolCall& call : reply.tool_calls)
    console.line(fmt::format("{}({})", printable(call.name), printable(call.arguments)));
  console.note(summary(reply));
  if (!reply.error) return Exit::ok;
  const ErrorCode code = reply.error->code();
  // Stopped because nobody reads the rest.
  if (console.is_broken() && code == ErrorCode::cancelled) return Exit::ok;
  console.fault(*reply.error);
  return code == ErrorCode::unavailable ? Exit::provider : exit_of(code);
}

Exit print_json(const Args& args, Console& console) {
  try {
    const Completion reply = ask(args, console);
    console.line(completion_json(reply));
    return reply.error ? Exit::other : Exit::ok;
  } catch (const Error& refused) {
    console.line(completion_json(refused));
    return Exit::other;
  }
}

}  // namespace

Exit complete_command(const Args& args, Console& console) {
  return args.json ? print_json(args, console) : tell(ask(args, console), console);
}

}  // namespace scena::shell
