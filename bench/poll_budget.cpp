// How far poll(500 us) overruns its budget, and how many threads the process has meanwhile.
//
//   poll_budget [--calls N] [--sessions S] [--storage memory|process|slow]
//
// memory: the store in memory. process: SQLite in a temporary folder, durability process, in the
// same thread. slow: a store whose commit takes 50 ms, behind the storage thread.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <scena/engine.hpp>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "storage/registry.hpp"
#include "support/forwarding_storage.hpp"
#include "support/temp_folder.hpp"

namespace {

using namespace scena;
using namespace std::chrono_literals;

constexpr auto kBudget = 500us;

class SlowStorage final : public test::ForwardingStorage {
 public:
  using ForwardingStorage::ForwardingStorage;
  std::vector<Result<void>> commit(std::span<const Batch> group) override {
    std::this_thread::sleep_for(50ms);
    return ForwardingStorage::commit(group);
  }
};

std::size_t count_threads() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/task"))
    ++count;
  return count;
}

/// Sessions that always have a reply under way, so that polls have work.
class Load {
 public:
  Load(Engine& engine, int sessions) {
    for (int i = 0; i < sessions; ++i) sessions_.push_back(engine.create_session("job-interview"));
    for (auto& session : sessions_) ask(session);
  }

 private:
  void ask(Session& session) {
    session.send("And then?").then([this, &session](const Result<TurnResult>& result) {
      if (result) ask(session);
    });
  }
  std::vector<Session> sessions_;
};

int measure(const std::string& storage, int calls, int sessions) {
  const bool slow = storage == "slow";
  const test::TempFolder folder;
  Config config;
  if (storage == "process") {
    config.storage = "sqlite:" + folder.file("poll.db");
    config.durability = Durability::process;
  }
  config.providers["model"].url = "script:";
  config.providers["model"].options = R"({"delay_ms":[5,20],"token_ms":[1,10]})";
  config.provider = "model";
  config.storage_thread = slow ? StorageThread::on : StorageThread::off;
  Dependencies dependencies;
  if (slow)
    dependencies.storage =
        std::make_shared<SlowStorage>(open_storage({.url = "memory:"}).value_or_throw());
  Engine engine = Engine::open(config, std::move(dependencies));
  Load load(engine, sessions);
  std::vector<double> overrun_us;
  std::size_t threads = 0;
  auto next_count = std::chrono::steady_clock::now();
  for (int i = 0; i < calls; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    engine.poll(kBudget);
    const auto end = std::chrono::steady_clock::now();
    overrun_us.push_back(
        std::max(0.0, std::chrono::duration<double, std::micro>(end - begin - kBudget).count()));
    if (end < next_count) continue;
    threads = std::max(threads, count_threads());
    next_count = end + 10ms;
  }
  engine.close();
  std::sort(overrun_us.begin(), overrun_us.end());
  const auto at = [&](double share) {
    return overrun_us[static_cast<std::size_t>(share * static_cast<double>(overrun_us.size() - 1))];
  };
  std::printf(
      "{\"storage\":\"%s\",\"calls\":%d,\"sessions\":%d,\"threads\":%zu,\"overrun_p99_us\":%.1f,"
      "\"overrun_p999_us\":%.1f,"
      "\"overrun_max_us\":%.1f}\n",
      storage.c_str(), calls, sessions, threads, at(.99), at(.999), overrun_us.back());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  int calls = 100'000, sessions = 200;
  std::string storage = "memory";
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view flag = argv[i];
    if (flag == "--calls") calls = std::atoi(argv[i + 1]);
    if (flag == "--sessions") sessions = std::atoi(argv[i + 1]);
    if (flag == "--storage") storage = argv[i + 1];
  }
  if (storage != "memory" && storage != "process" && storage != "slow") {
    std::fprintf(stderr, "--storage must be memory, process or slow\n");
    return 2;
  }
  try {
    return measure(storage, std::max(1, calls), std::max(1, sessions));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
