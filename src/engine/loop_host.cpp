#include "engine/loop_host.hpp"

#include "base/id.hpp"
#include "engine/tools/http_tool.hpp"
#include "engine/turn/host_provider.hpp"
#include "llm/embed/http_embedder.hpp"
#include "net/http_client.hpp"
#include "net/tape_transport.hpp"

namespace scena::engine {
namespace {
constexpr std::chrono::milliseconds kLongestIdle{1'000};
}

LoopHost::LoopHost(Clock& clock, const Config& config, const Dependencies& dependencies,
                   StorageQueue& storage, const llm::ProviderRegistry& registry,
                   const llm::ModelBook& models, llm::LayerState& layers, Log& log)
    : config_(config),
      dependencies_(dependencies),
      registry_(registry),
      models_(models),
      layers_(layers),
      log_(log),
      clock_(clock),
      loop_(clock),
      gate_(std::make_shared<LoopGate>(loop_)) {
  // Completions come back as tasks, one by one: a poll with a budget can stop between them.
  submitter_ = std::make_unique<StorageSubmitter>(
      storage, [this](Task task) { loop_.post(std::move(task)); });
}

LoopHost::~LoopHost() {
  shut_down();
}

Result<void> LoopHost::open(const NetworkMaker& make_network) {
  net::HttpClientOptions options;
  options.config = config_.http;
  options.log = log_.logger("net");
  auto client = net::HttpClient::make(loop_, std::move(options),
                                      make_network ? make_network(loop_) : nullptr);
  if (!client) return client.error();
  network_ = std::move(*client);
  transport_ = network_.get();
  if (!config_.tape_replay.empty()) {
    auto tape = net::load_tape(config_.tape_replay);
    if (!tape) return Error(tape.error()).with_pointer("/tape_replay");
    tape_ = std::make_unique<net::TapePlayer>(loop_, std::move(*tape),
                                              net::TapePlayer::Pace{config_.tape_speed, false});
    transport_ = tape_.get();
  } else if (!config_.tape_record.empty()) {
    auto writer = net::open_tape_file(config_.tape_record);
    if (!writer) return Error(writer.error()).with_pointer("/tape_record");
    tape_ = std::make_unique<net::TapeRecorder>(*network_, loop_, std::move(*writer), [this] {
      log_.logger("net").error("the tape could not be written; it ends there",
                               {{"tape", config_.tape_record}});
    });
    transport_ = tape_.get();
  }
  return open_tools();
}

// A configured tool whose secret is not there is no tool: a model is not offered what cannot work.
Result<void> LoopHost::open_tools() {
  const bool can_approve = dependencies_.tool_approval != nullptr;
  for (const auto& tool : dependencies_.tools) {
    if (auto added = tools_.add(tool, can_approve); !added) return added;
  }
  for (const auto& [name, config] : config_.tools) {
    std::optional<Secret> secret;
    if (!config.secret.empty() && dependencies_.secrets) {
      auto found = dependencies_.secrets->get(config.secret);
      if (!found) return Error(found.error()).with_pointer("/tools/" + name + "/secret");
      secret = std::move(*found);
    }
    if (!config.secret.empty() && !secret) {
      tools_.add_absent(name);
      continue;
    }
    if (secret) log_.redactor().add(*secret);
    auto tool = make_http_tool(name, config, secret.value_or(Secret()), *transport_);
    if (auto added = tools_.add(std::move(tool), can_approve); !added)
      return Error(added.error()).with_pointer("/tools/" + name);
  }
  return {};
}

void LoopHost::use(std::shared_ptr<const ServiceSet> services) {
  llm::ChainParts parts{
      .loop = loop_,
      .state = layers_,
      .log = log_.logger("llm"),
      .max_retries = config_.max_retries,
      .seed = config_.seed ? *config_.seed : Random::system_seed(),
      .edition = services->edition,
      .make = [this, services](const std::string& name) { return make_service(*services, name); },
      .default_model =
          [this, services](const std::string& name) { return default_model(*services, name); },
      .models = &models_};
  auto chain = std::make_shared<llm::ProviderChain>(std::move(parts), services->policy);
  std::lock_guard lock(providers_mutex_);
  chain_ = std::move(chain);
  services_ = std::move(services);
  embedders_.clear();
}

Result<std::shared_ptr<Provider>> LoopHost::provider(const std::string& name) {
  std::lock_guard lock(providers_mutex_);
  if (!chain_) return Error::fixed(ErrorCode::closed, "the engine was closed");
  auto provider = chain_->provider(name);
  if (!provider) return provider;
  // The reply keeps its whole chain, also when another one takes its place in the meantime.
  struct Held {
    std::shared_ptr<llm::ProviderChain> chain;
    std::shared_ptr<Provider> provider;
  };
  auto held = std::make_shared<Held>(Held{chain_, std::move(*provider)});
  return std::shared_ptr<Provider>(held, held->provider.get());
}

Result<LoopHost::Providers> LoopHost::make_service(const ServiceSet& services,
                                                   const std::string& name) {
  if (const auto given = dependencies_.providers.find(name);
      given != dependencies_.providers.end()) {
    return Providers{std::make_shared<HostProvider>(given->second, loop_, gate_)};
  }
  ProviderConfig config = settings_of(services, name);
  if (auto filled = fill_key(config); !filled) return filled.error();
  std::vector<Secret> keys{config.api_key};
  keys.insert(keys.end(), config.more_keys.begin(), config.more_keys.end());
  Providers providers;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    config.api_key = keys[i];
    auto provider = make_provider(name, config, i);
    if (!provider) return provider.error();
    providers.push_back(std::move(*provider));
  }
  return providers;
}

Result<std::shared_ptr<Provider>> LoopHost::make_provider(const std::string& name,
                                                          const ProviderConfig& config,
                                                          std::size_t key) {
  llm::ProviderContext context{*transport_, loop_, clock_, config_.http, &models_};
  context.on_head = [pacer = layers_.pacer(name, key), &loop = loop_, &clock = clock_](
                        const net::HttpHead& head, const std::string& model) {
    pacer->update(head, model, loop.now(), clock.wall());
  };
  return registry_.make(config, context);
}

Result<std::shared_ptr<Embedder>> LoopHost::embedder(const std::string& name) {
  std::lock_guard lock(providers_mutex_);
  if (const auto made = embedders_.find(name); made != embedders_.end()) return made->second;
  auto embedder = make_embedder(name);
  if (embedder) embedders_.emplace(name, *embedder);
  return embedder;
}

Result<std::shared_ptr<Embedder>> LoopHost::make_embedder(const std::string& name) {
  if (const auto given = dependencies_.embedders.find(name);
      given != dependencies_.embedders.end()) {
    return given->second;
  }
  if (dependencies_.providers.contains(name)) {
    return Error(ErrorCode::unsupported,
                 "provider \"" + name +
                     "\" is the host's own and gives no embeddings; give the engine an embedder of "
                     "that name");
  }
  if (!services_) return Error::fixed(ErrorCode::closed, "the engine was closed");
  ProviderConfig config = settings_of(*services_, name);
  if (auto filled = fill_key(config); !filled) return filled.error();
  return llm::make_embedder(registry_, config, {*transport_, loop_, clock_, config_.http},
                            config_.max_retries);
}

// Under that name, or of that kind, if any.
const LoopHost::Entry* LoopHost::entry_of(const ServiceSet& services, const std::string& name) {
  const auto named = services.providers.find(name);
  if (named != services.providers.end()) return &*named;
  const std::string kind(provider_kind(name));
  if (name.size() > kind.size() && name[kind.size()] == '+')
    return nullptr;  // an address of its own
  const auto entry = services.providers.find(kind);
  const bool found = entry != services.providers.end() && entry->second.url.starts_with(kind + ":");
  return found ? &*entry : nullptr;
}

// "openai:gpt-4o" is the entry "openai" with another model: its base_url and key hold here too, so
// that nothing goes to the vendor which was meant for a server of one's own.
ProviderConfig LoopHost::settings_of(const ServiceSet& services, const std::string& name) {
  const Entry* entry = entry_of(services, name);
  ProviderConfig config;
  if (entry) config = entry->second;
  if (entry && name.size() <= entry->first.size() + 1) return config;  // "openai", "openai:"
  if (entry) config.model.clear();
  config.url = name;
  return config;
}

std::string LoopHost::default_model(const ServiceSet& services, const std::string& name) const {
  if (dependencies_.providers.contains(name)) return {};
  const Entry* entry = entry_of(services, name);
  if (entry && (entry->first == name || name.size() <= entry->first.size() + 1))
    return services.facts.at(entry->first).default_model;
  return registry_.default_model({.url = name});
}

std::optional<std::int64_t> LoopHost::output_limit(const ServiceSet& services,
                                                   const std::string& name) {
  const Entry* entry = entry_of(services, name);
  return entry ? services.facts.at(entry->first).output_limit : std::nullopt;
}

Result<void> LoopHost::fill_key(ProviderConfig& config) const {
  if (!config.api_key.empty()) return {};
  const auto url = registry_.check(config.url);
  if (!url) return url.error();
  // A tape answers whoever asks, and no key leaves the process.
  if (!config_.tape_replay.empty()) {
    config.api_key = Secret("a tape's");
    return {};
  }
  if (!dependencies_.secrets) return {};
  for (const std::string& key : registry_.key_names(url->kind)) {
    auto secret = dependencies_.secrets->get(key);
    if (!secret) return secret.error();
    if (!*secret) continue;
    config.api_key = std::move(**secret);
    log_.redactor().add(config.api_key);
    break;
  }
  return {};
}

void LoopHost::start_thread(std::function<bool()> is_over) {
  thread_ = std::thread([this, is_over = std::move(is_over)] {
    while (!stopping_.load(std::memory_order_acquire)) {
      {
        const Inside inside(*this);
        try {
          loop_.run_once(kLongestIdle);
        } catch (...) {
          // No memory for a task: its session reports it; the thread serves the others.
        }
      }
      if (is_over()) return;
    }
  });
}

void LoopHost::stop_thread() noexcept {
  if (!thread_.joinable()) return;
  stopping_.store(true, std::memory_order_release);
  if (thread_.get_id() == std::this_thread::get_id()) return thread_.detach();
  net::post_or_drop(loop_, [] {});  // dropped: the thread looks up after its longest wait
  thread_.join();
}

bool LoopHost::is_inside() const noexcept {
  return inside_.load(std::memory_order_relaxed) == std::this_thread::get_id();
}

bool LoopHost::is_run() const noexcept {
  return inside_.load() != std::thread::id{};
}

LoopHost::Inside::Inside(LoopHost& host) noexcept : host_(host) {
  std::thread::id nobody;
  taken_ = host_.inside_.compare_exchange_strong(nobody, std::this_thread::get_id());
}

LoopHost::Inside::~Inside() {
  if (taken_) host_.inside_.store(std::thread::id{});
}

void LoopHost::shut_down() noexcept {
  stop_thread();
  gate_->close();
  {
    std::lock_guard lock(providers_mutex_);
    chain_.reset();
    embedders_.clear();
  }
  tape_.reset();
  network_.reset();
  submitter_.reset();
}

}  // namespace scena::engine
