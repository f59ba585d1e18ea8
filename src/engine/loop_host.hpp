#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <scena/config.hpp>
#include <scena/engine.hpp>
#include <scena/ext/embedder.hpp>
#include <string>
#include <thread>

#include "base/log.hpp"
#include "engine/loop_gate.hpp"
#include "engine/service_set.hpp"
#include "engine/tools/tool_set.hpp"
#include "llm/layers/chain.hpp"
#include "llm/model_catalog.hpp"
#include "llm/registry.hpp"
#include "net/http.hpp"
#include "net/loop.hpp"
#include "net/pipe_watcher.hpp"
#include "net/stream.hpp"
#include "storage/storage_queue.hpp"

namespace scena::engine {

/// Makes what a loop's connections go over. Empty: the system's sockets.
using NetworkMaker = std::function<std::shared_ptr<net::Network>(net::Loop&)>;

/// One loop and what belongs to it alone: connections, providers, the way into the storage. Engines
/// with N threads have N of them and share nothing between; a session lives on one.
class LoopHost {
 public:
  LoopHost(Clock& clock, const Config& config, const Dependencies& dependencies,
           StorageQueue& storage, const llm::ProviderRegistry& registry,
           const llm::ModelBook& models, llm::LayerState& layers, Log& log);
  ~LoopHost();

  /// Builds the transport (network or tape). Errors name the configuration's member at fault.
  Result<void> open(const NetworkMaker& make_network);

  net::Loop& loop() noexcept { return loop_; }
  const std::shared_ptr<LoopGate>& gate() const noexcept { return gate_; }
  StorageSubmitter& storage() noexcept { return *submitter_; }
  net::HttpTransport& http() noexcept { return *transport_; }

  /// The provider of that name or URL, made at its first use, with the layers around it. Whoever
  /// runs a reply keeps it to the reply's end. Any thread.
  Result<std::shared_ptr<Provider>> provider(const std::string& name);
  /// What is configured for the provider of that name or URL.
  static ProviderConfig settings_of(const ServiceSet& services, const std::string& name);
  /// The model that the provider of that name or URL is asked for when a request names none.
  std::string default_model(const ServiceSet& services, const std::string& name) const;
  /// How long a reply of that provider may be by its configured body. Any thread.
  static std::optional<std::int64_t> output_limit(const ServiceSet& services,
                                                  const std::string& name);
  /// Services and policy for what asks from now on. Any thread.
  void use(std::shared_ptr<const ServiceSet> services);

  /// The embedder of that provider, likewise. unsupported for kinds without embeddings.
  Result<std::shared_ptr<Embedder>> embedder(const std::string& name);
  /// The engine's tools, configured ones over this loop's connections.
  const ToolSet& tools() const noexcept { return tools_; }

  /// Runs the loop on a thread of its own until stop_thread(), or until `is_over`, which is asked
  /// between two rounds; then nothing of this is touched any more.
  void start_thread(std::function<bool()> is_over);
  /// Waits for that thread; on it, between two rounds, it lets the thread end by itself.
  void stop_thread() noexcept;
  /// True on the thread that is inside this loop's poll now.
  bool is_inside() const noexcept;
  /// True while any thread is.
  bool is_run() const noexcept;
  /// The calling thread's claim to run this loop, for as long as it lives. It is held by one thread
  /// at a time, and never taken twice by one.
  class Inside {
   public:
    explicit Inside(LoopHost& host) noexcept;
    ~Inside();
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

    /// False: another thread runs the loop, or this one already does.
    explicit operator bool() const noexcept { return taken_; }

   private:
    LoopHost& host_;
    bool taken_;
  };

  /// Ends connections and forgets completions; on the loop's thread or after it ended.
  void shut_down() noexcept;

 private:
  using Entry = std::map<std::string, ProviderConfig>::value_type;
  static const Entry* entry_of(const ServiceSet& services, const std::string& name);
  using Providers = std::vector<std::shared_ptr<Provider>>;
  Result<Providers> make_service(const ServiceSet& services, const std::string& name);
  Result<std::shared_ptr<Provider>> make_provider(const std::string& name,
                                                  const ProviderConfig& config, std::size_t key);
  Result<std::shared_ptr<Embedder>> make_embedder(const std::string& name);
  Result<void> open_tools();
  Result<void> fill_key(ProviderConfig& config) const;

  const Config& config_;
  const Dependencies& dependencies_;
  const llm::ProviderRegistry& registry_;
  const llm::ModelBook& models_;
  llm::LayerState& layers_;
  Log& log_;
  Clock& clock_;
  net::Loop loop_;
  std::shared_ptr<LoopGate> gate_;
  std::unique_ptr<StorageSubmitter> submitter_;
  std::unique_ptr<net::HttpTransport> network_;
  std::unique_ptr<net::HttpTransport> tape_;
  net::HttpTransport* transport_ = nullptr;
  ToolSet tools_;
  std::mutex providers_mutex_;
  std::shared_ptr<const ServiceSet> services_;
  std::shared_ptr<llm::ProviderChain> chain_;
  std::map<std::string, std::shared_ptr<Embedder>> embedders_;
  std::thread thread_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::thread::id> inside_{};
};

}  // namespace scena::engine
