#include <openssl/crypto.h>

#include "base/json_writer.hpp"
#include "engine/api/handles.hpp"
#include "metrics/builtin.hpp"

namespace scena {
namespace engine {

Capabilities Core::capabilities() const {
  Capabilities known;
  known.version = version();
  const StorageInfo store = this->storage()->info();
  known.storage = store.backend;
  known.storage_durable = store.durable;
  known.storage_thread = storage_queue_ && storage_queue_->mode() == StorageQueue::Mode::thread;
  known.durability = config_.durability == Durability::power ? "power" : "process";
  known.threads = config_.threads;
  known.virtual_clock = clock_->is_virtual();
  known.providers = providers_->kind_names();
  const auto services = this->services();
  for (const auto& [name, provider] : services->providers)
    known.configured_providers.push_back(name);
  for (const auto& [name, provider] : dependencies_.providers)
    known.configured_providers.push_back(name);
  for (const auto& name : known.configured_providers) known.services[name].state = "unknown";
  for (const auto& [name, seen] : layers().breakers(clock_->now())) {
    Reachability& service = known.services[name];
    service.state = seen.failing ? "failing" : seen.answered ? "ok" : "unknown";
    if (!seen.failing) continue;
    service.failing_for = std::chrono::duration_cast<std::chrono::milliseconds>(*seen.failing);
    if (seen.last_error) service.last_error = to_string(*seen.last_error);
  }
  known.storages = {"memory", "sqlite"};
  for (const auto& name : metrics::builtin_names()) known.metrics.emplace_back(name);
  for (const auto& analyzer : dependencies_.analyzers) known.metrics.emplace_back(analyzer->name());
  known.tools = hosts_.front()->tools().names();
  known.https = true;
  known.tls_library = std::string("OpenSSL ") + OpenSSL_version(OPENSSL_VERSION_STRING);
  return known;
}

}  // namespace engine

Capabilities Engine::capabilities() const {
  impl_->core->usable().value_or_throw();
  return impl_->core->capabilities();
}

std::string Capabilities::to_json() const {
  std::string out;
  JsonWriter writer(out);
  const auto list = [&writer](std::string_view name, const std::vector<std::string>& values) {
    writer.key(name).begin_array();
    for (const auto& value : values) writer.value(value);
    writer.end_array();
  };
  writer.begin_object()
      .member("version", version)
      .member("storage", storage)
      .member("storage_durable", storage_durable);
  writer.member("storage_thread", storage_thread)
      .member("durability", durability)
      .member("threads", threads);
  writer.member("virtual_clock", virtual_clock);
  list("providers", providers);
  list("configured_providers", configured_providers);
  list("storages", storages);
  list("metrics", metrics);
  list("tools", tools);
  writer.member("https", https).member("tls_library", tls_library);
  writer.key("services").begin_object();
  for (const auto& [name, service] : services) {
    writer.key(name).begin_object().member("state", service.state);
    if (service.state == "failing") {
      writer.member("failing_for_ms", static_cast<std::int64_t>(service.failing_for.count()))
          .member("last_error", service.last_error);
    }
    writer.end_object();
  }
  writer.end_object().end_object();
  return out;
}

}  // namespace scena
