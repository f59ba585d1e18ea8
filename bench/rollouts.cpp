// AI-against-AI sessions on the virtual clock, one engine per worker: how many a second, and one
// hash over everything that happened, which depends on neither workers nor compiler.
//
//   rollouts [--sessions N] [--turns T] [--workers W] [--seed S] [--preset ID]
//
// Sessions run in blocks; a block has an engine of its own that starts at the same virtual time,
// and id and seed of a session come from its ordinal alone.
#include <openssl/evp.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <scena/engine.hpp>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace scena;

constexpr std::uint64_t kBlock =
    50;  // Sessions that share an engine, and so run at the same virtual time.

struct Options {
  std::uint64_t sessions = 10'000;
  std::uint32_t turns = 20;
  unsigned workers = 2;
  std::uint64_t seed = 7;
  std::string preset = "job-interview";
};

bool read_options(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; i += 2) {
    const std::string_view flag = argv[i];
    const char* value = i + 1 < argc ? argv[i + 1] : nullptr;
    if (!value) return false;
    if (flag == "--sessions")
      options.sessions = std::strtoull(value, nullptr, 10);
    else if (flag == "--turns")
      options.turns = static_cast<std::uint32_t>(std::atoi(value));
    else if (flag == "--workers")
      options.workers = static_cast<unsigned>(std::atoi(value));
    else if (flag == "--seed")
      options.seed = std::strtoull(value, nullptr, 10);
    else if (flag == "--preset")
      options.preset = value;
    else
      return false;
  }
  return options.workers > 0 && options.turns > 0;
}

// SplitMix64: one seed per ordinal, whoever runs it.
std::uint64_t seed_of(std::uint64_t run_seed, std::uint64_t ordinal) {
  std::uint64_t z = run_seed + (ordinal + 1) * 0x9e3779b97f4a7c15ull;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

/// Hashes the blocks' texts in the order of the blocks, whichever worker is done first.
class OrderedHash {
 public:
  OrderedHash() : context_(EVP_MD_CTX_new()) { EVP_DigestInit_ex(context_, EVP_sha256(), nullptr); }
  ~OrderedHash() { EVP_MD_CTX_free(context_); }
  OrderedHash(const OrderedHash&) = delete;
  OrderedHash& operator=(const OrderedHash&) = delete;

  void add(std::uint64_t block, std::string text) {
    const std::lock_guard lock(mutex_);
    waiting_.emplace(block, std::move(text));
    for (auto next = waiting_.find(next_); next != waiting_.end(); next = waiting_.find(next_)) {
      EVP_DigestUpdate(context_, next->second.data(), next->second.size());
      bytes_ += next->second.size();
      waiting_.erase(next);
      ++next_;
    }
  }
  std::uint64_t bytes() const noexcept { return bytes_; }
  std::string hex() {
    unsigned char digest[32];
    EVP_DigestFinal_ex(context_, digest, nullptr);
    std::string text;
    char two[3];
    for (const unsigned char byte : digest) {
      std::snprintf(two, sizeof two, "%02x", byte);
      text += two;
    }
    return text;
  }

 private:
  EVP_MD_CTX* context_;
  std::mutex mutex_;
  std::map<std::uint64_t, std::string> waiting_;
  std::uint64_t next_ = 0;
  std::uint64_t bytes_ = 0;
};

class Rollouts {
 public:
  explicit Rollouts(const Options& options) : options_(options) {
    const Preset* preset = find_builtin_preset(options.preset);
    if (!preset) throw Error::fixed(ErrorCode::not_found, "--preset: no such built-in preset");
    preset_ = *preset;
    preset_.end_conditions.clear();  // every session has its full number of turns
  }

  void run();
  std::uint64_t turns() const noexcept { return turns_; }
  std::uint64_t bytes() const noexcept { return hash_.bytes(); }
  std::string hash() { return hash_.hex(); }

 private:
  void work();
  std::string run_block(std::uint64_t block);
  Session start_session(Engine& engine, std::uint64_t ordinal) const;

  Options options_;
  Preset preset_;
  std::atomic<std::uint64_t> next_block_{0};
  std::atomic<std::uint64_t> turns_{0};
  OrderedHash hash_;
};

void Rollouts::run() {
  std::vector<std::thread> workers;
  for (unsigned i = 0; i < options_.workers; ++i) workers.emplace_back([this] { work(); });
  for (auto& worker : workers) worker.join();
}

void Rollouts::work() {
  const std::uint64_t blocks = (options_.sessions + kBlock - 1) / kBlock;
  for (std::uint64_t block = next_block_++; block < blocks; block = next_block_++) {
    try {
      hash_.add(block, run_block(block));
    } catch (const std::exception& error) {
      std::fprintf(stderr, "block %llu: %s\n", static_cast<unsigned long long>(block),
                   error.what());
      std::exit(1);
    }
  }
}

Session Rollouts::start_session(Engine& engine, std::uint64_t ordinal) const {
  char id[32];
  std::snprintf(id, sizeof id, "rollout-%08llu", static_cast<unsigned long long>(ordinal));
  SessionOptions made;
  made.id = id;
  made.seed = seed_of(options_.seed, ordinal);
  made.command_id = "create";  // the engine's own ids would count the neighbours
  for (const Character& character : preset_.characters) made.played_by[character.id] = "ai";
  return engine.create_session(preset_, made);
}

std::string Rollouts::run_block(std::uint64_t block) {
  Config config;
  config.clock = ClockKind::virtual_time;
  config.seed = options_.seed;
  config.provider = "script:";
  Engine engine = Engine::open(config);
  std::vector<Session> sessions;
  std::vector<Pending<RunResult>> runs;
  const std::uint64_t first = block * kBlock, last = std::min(options_.sessions, first + kBlock);
  for (std::uint64_t ordinal = first; ordinal < last; ++ordinal) {
    sessions.push_back(start_session(engine, ordinal));
    RunOptions run;
    run.max_turns = options_.turns;
    run.command_id = "run";
    runs.push_back(sessions.back().run(run));
  }
  for (const auto& run : runs) turns_ += run.get().turns;
  std::string events;
  for (const auto& session : sessions)
    events += engine.export_session(session.id(), ExportFormat::jsonl);
  engine.close();
  return events;
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!read_options(argc, argv, options)) {
    std::fprintf(
        stderr,
        "usage: rollouts [--sessions N] [--turns T] [--workers W] [--seed S] [--preset ID]\n");
    return 2;
  }
  try {
    const auto begin = std::chrono::steady_clock::now();
    Rollouts rollouts(options);
    rollouts.run();
    const double wall =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    const auto sessions = static_cast<double>(options.sessions), cpu = cpu_seconds();
    std::printf(
        "{\"sessions\":%llu,\"turns\":%llu,\"workers\":%u,\"wall_s\":%.3f,\"cpu_s\":%.3f,"
        "\"sessions_per_s\":%.1f,"
        "\"cpu_us_per_turn\":%.1f,\"event_bytes\":%llu,\"sha256\":\"%s\"}\n",
        static_cast<unsigned long long>(options.sessions),
        static_cast<unsigned long long>(rollouts.turns()), options.workers, wall, cpu,
        sessions / wall, cpu / static_cast<double>(rollouts.turns()) * 1e6,
        static_cast<unsigned long long>(rollouts.bytes()), rollouts.hash().c_str());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
