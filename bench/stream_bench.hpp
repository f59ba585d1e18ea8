#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// What every mode of scena_streams shares: flags, clocks, histograms and the one JSON line. Flags
/// and fields are those of the peers' harness, so that a run beside other clients can be compared.
namespace scena::bench {

struct StreamArgs {
  std::string peer = "scena";
  std::string workload = "w1";
  std::string mode;  ///< "transport", "session" or "sqlite"; empty: the one that `peer` ends with.
  int port = 18080;
  int addrs = 1;  ///< Servers at 127.0.0.1 up to 127.0.0.N, one port.
  int streams = 1;
  int tokens = 20'000;  ///< Of one reply.
  int reps = 5;         ///< Unpaced: replies a stream that count,
  int warm = 1;         ///< and those before them.
  int threads = 1;      ///< One thread drives everything; more are refused.
  int ttft_ms = 0;
  double rate = 0;  ///< Tokens a second and stream; above 0: paced.
  double secs = 6;  ///< Paced: length of the window that counts.

  bool paced() const noexcept { return rate > 0; }
  /// The mock reads length, pace and stamps from its model's name.
  std::string model() const;
  std::string base_url(int stream) const;
};

/// Reads the flags; prints what is wrong to stderr. False: the program is to end with status 2.
bool read_args(int argc, char** argv, StreamArgs& args);

std::uint64_t now_us() noexcept;   ///< CLOCK_MONOTONIC, as the mock's stamps.
double cpu_seconds() noexcept;     ///< User and system time of all threads of this process.
double system_seconds() noexcept;  ///< The system's part.
long resident_kb() noexcept;

/// Buckets of 0.05 ms up to 5 s.
class Histogram {
 public:
  void add(std::int64_t us) noexcept;
  double quantile_ms(double share) const noexcept;  ///< -1 when nothing was added.

 private:
  static constexpr std::size_t kBuckets = 100'001;
  std::vector<std::uint32_t> counts_ = std::vector<std::uint32_t>(kBuckets);
  std::uint64_t total_ = 0;
};

/// Counts while the window is open, and knows when a paced run's window opens and closes.
class Measurement {
 public:
  explicit Measurement(const StreamArgs& args) : args_(args) {}

  /// Right before the first session or stream exists.
  void begin();
  void open_window();
  void close_window();
  bool is_open() const noexcept { return open_; }

  void on_text(std::string_view text, std::uint64_t asked_us, bool first);
  void on_reply(std::size_t bytes) noexcept;
  void on_error() noexcept { ++errors_; }

  /// Paced: how many streams should run by now, and how long the loop may sleep.
  std::size_t due_streams(std::uint64_t now) const noexcept;
  std::uint64_t window_start() const noexcept { return window_start_; }
  std::uint64_t window_end() const noexcept { return window_end_; }

  void print(const char* version) const;

 private:
  StreamArgs args_;
  std::uint64_t begin_us_ = 0, span_us_ = 0, window_start_ = 0, window_end_ = 0;
  bool open_ = false;
  double cpu_ = 0, system_ = 0;
  std::uint64_t wall_us_ = 0;
  std::uint64_t tokens_ = 0, bytes_ = 0, replies_ = 0, errors_ = 0;
  long rss_before_kb_ = 0, rss_after_kb_ = 0;
  Histogram ttft_, delay_;
};

/// Drives the workload's rounds over `streams` replies at once: warm-up, window, end.
///
/// A Driver has start(stream), run(wait_ms) and active(); it calls finished() by itself.
class Rounds {
 public:
  Rounds(const StreamArgs& args, Measurement& measurement);

  /// What to do with a stream whose reply ended: true when the next one starts at once.
  bool starts_again(std::size_t stream) noexcept;
  template <class Driver>
  void run(Driver& driver);

 private:
  const StreamArgs& args_;
  Measurement& measurement_;
  std::vector<int> left_;
};

template <class Driver>
void Rounds::run(Driver& driver) {
  const auto count = static_cast<std::size_t>(args_.streams);
  measurement_.begin();
  driver.open();
  if (args_.paced()) {
    std::size_t launched = 0;
    for (std::uint64_t now = now_us(); now < measurement_.window_end(); now = now_us()) {
      for (const auto due = measurement_.due_streams(now); launched < due; ++launched)
        driver.start(launched);
      if (!measurement_.is_open() && now >= measurement_.window_start()) measurement_.open_window();
      const auto until =
          measurement_.is_open() ? measurement_.window_end() : measurement_.window_start();
      driver.run(launched < count || until <= now ? 1
                                                  : static_cast<int>((until - now) / 1'000) + 1);
    }
  } else {
    for (int round = 0; round < 2; ++round) {
      const int replies = round == 0 ? args_.warm : args_.reps;
      if (round == 1) measurement_.open_window();
      left_.assign(count, replies - 1);
      if (replies == 0) continue;
      for (std::size_t i = 0; i < count; ++i) driver.start(i);
      while (driver.active() > 0) driver.run(1'000);
    }
  }
  measurement_.close_window();
}

int run_transport(const StreamArgs& args);
int run_session(const StreamArgs& args);

}  // namespace scena::bench
