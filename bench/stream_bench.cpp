#include "stream_bench.hpp"

#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace scena::bench {
namespace {

constexpr std::size_t kStampBytes = 17;  // "t" and 16 digits

// 0 when no stamp stands at the front of `text`.
std::uint64_t stamp_of(std::string_view text) noexcept {
  if (text.size() < kStampBytes || text[0] != 't') return 0;
  std::uint64_t value = 0;
  for (std::size_t i = 1; i < kStampBytes; ++i)
    value = value * 10 + static_cast<std::uint64_t>(text[i] - '0');
  return value;
}

double seconds_of(const timeval& time) noexcept {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

rusage usage_now() noexcept {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage;
}

bool set_flag(std::string_view flag, const char* value, StreamArgs& args) {
  const struct {
    std::string_view name;
    int* number;
  } numbers[] = {{"--port", &args.port},       {"--addrs", &args.addrs},
                 {"--streams", &args.streams}, {"--tokens", &args.tokens},
                 {"--reps", &args.reps},       {"--warm", &args.warm},
                 {"--threads", &args.threads}, {"--ttft", &args.ttft_ms}};
  for (const auto& one : numbers) {
    if (flag != one.name) continue;
    *one.number = std::atoi(value);
    return true;
  }
  if (flag == "--peer")
    args.peer = value;
  else if (flag == "--workload")
    args.workload = value;
  else if (flag == "--mode")
    args.mode = value;
  else if (flag == "--rate")
    args.rate = std::atof(value);
  else if (flag == "--secs")
    args.secs = std::atof(value);
  else
    return false;
  return true;
}

}  // namespace

std::string StreamArgs::model() const {
  char name[96];
  if (paced()) {
    std::snprintf(name, sizeof name, "mock-t%d-r%g-f%d-s", tokens, rate, ttft_ms);
  } else {
    std::snprintf(name, sizeof name, "mock-t%d-f%d", tokens, ttft_ms);
  }
  return name;
}

std::string StreamArgs::base_url(int stream) const {
  return "http://127.0.0." + std::to_string(1 + stream % addrs) + ":" + std::to_string(port) +
         "/v1";
}

bool read_args(int argc, char** argv, StreamArgs& args) {
  for (int i = 1; i < argc; i += 2) {
    if (i + 1 >= argc || !set_flag(argv[i], argv[i + 1], args)) {
      std::fprintf(stderr, "unknown flag or missing value: %s\n", argv[i]);
      return false;
    }
  }
  if (args.streams < 1 || args.addrs < 1 || args.tokens < 1) {
    std::fprintf(stderr, "--streams, --addrs and --tokens must be at least 1\n");
    return false;
  }
  if (args.threads != 1) {
    std::fprintf(stderr, "--threads must be 1: one host thread drives all streams\n");
    return false;
  }
  for (const char* mode : {"transport", "session", "sqlite"}) {
    if (args.mode.empty() && args.peer.ends_with(mode)) args.mode = mode;
  }
  if (args.mode.empty()) args.mode = "session";
  rlimit descriptors{};
  getrlimit(RLIMIT_NOFILE, &descriptors);
  descriptors.rlim_cur = descriptors.rlim_max;
  setrlimit(RLIMIT_NOFILE, &descriptors);
  return true;
}

std::uint64_t now_us() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000u +
         static_cast<std::uint64_t>(now.tv_nsec) / 1'000;
}

double cpu_seconds() noexcept {
  const rusage usage = usage_now();
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

double system_seconds() noexcept {
  return seconds_of(usage_now().ru_stime);
}

long resident_kb() noexcept {
  long size = 0, resident = 0;
  if (FILE* file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%ld %ld", &size, &resident) != 2) resident = 0;
    std::fclose(file);
  }
  return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

void Histogram::add(std::int64_t us) noexcept {
  const std::size_t bucket = us < 0 ? 0 : static_cast<std::size_t>(us) / 50;
  ++counts_[bucket < kBuckets ? bucket : kBuckets - 1];
  ++total_;
}

double Histogram::quantile_ms(double share) const noexcept {
  if (total_ == 0) return -1;
  const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(total_));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    if ((seen += counts_[i]) > wanted) return (static_cast<double>(i) + 0.5) * 0.05;
  }
  return 5'000;
}

void Measurement::begin() {
  rss_before_kb_ = resident_kb();
  begin_us_ = now_us();
  if (!args_.paced()) return;
  span_us_ = static_cast<std::uint64_t>(args_.tokens / args_.rate * 1e6) +
             static_cast<std::uint64_t>(args_.ttft_ms) * 1'000;
  window_start_ = begin_us_ + span_us_ + 500'000;
  window_end_ = window_start_ + static_cast<std::uint64_t>(args_.secs * 1e6);
}

void Measurement::open_window() {
  open_ = true;
  cpu_ = cpu_seconds();
  system_ = system_seconds();
  wall_us_ = now_us();
}

void Measurement::close_window() {
  cpu_ = cpu_seconds() - cpu_;
  system_ = system_seconds() - system_;
  wall_us_ = now_us() - wall_us_;
  rss_after_kb_ = resident_kb();
  open_ = false;
}

void Measurement::on_text(std::string_view text, std::uint64_t asked_us, bool first) {
  if (!open_ || !args_.paced()) return;
  const std::uint64_t now = now_us();
  if (first && asked_us >= window_start_) {
    ttft_.add(static_cast<std::int64_t>(now - asked_us) - args_.ttft_ms * 1'000);
  }
  // A batch may hold several tokens, each with its own stamp.
  for (; text.size() >= kStampBytes; text.remove_prefix(kStampBytes)) {
    if (const auto stamp = stamp_of(text)) delay_.add(static_cast<std::int64_t>(now - stamp));
    ++tokens_;
  }
}

void Measurement::on_reply(std::size_t bytes) noexcept {
  if (!open_) return;
  ++replies_;
  bytes_ += bytes;
  // The harness compares the bytes of a reply with the mock's; the tokens follow from them.
  if (!args_.paced()) tokens_ += static_cast<std::uint64_t>(args_.tokens);
}

std::size_t Measurement::due_streams(std::uint64_t now) const noexcept {
  const auto count = static_cast<std::uint64_t>(args_.streams);
  if (span_us_ == 0 || now >= begin_us_ + span_us_) return count;
  const std::uint64_t due = (now - begin_us_) * count / span_us_ + 1;
  return due < count ? due : count;
}

void Measurement::print(const char* version) const {
  const double tokens = static_cast<double>(tokens_), wall = static_cast<double>(wall_us_) * 1e-6;
  std::printf(
      "{\"peer\":\"%s\",\"version\":\"%s\",\"workload\":\"%s\",\"streams\":%d,\"tokens_per_reply\":"
      "%d,\"rate\":%g,"
      "\"tokens\":%llu,\"bytes\":%llu,\"replies\":%llu,\"errors\":%llu,\"cpu_s\":%.6f,\"sys_s\":%."
      "6f,\"wall_s\":%.6f,"
      "\"tok_per_cpu_s\":%.0f,\"tok_per_wall_s\":%.0f,\"us_per_tok\":%.4f,\"rss0_kb\":%ld,\"rss1_"
      "kb\":%ld,"
      "\"rss_per_stream_kb\":%.2f,\"ttft_p50_ms\":%.2f,\"ttft_p99_ms\":%.2f,\"delay_p50_ms\":%.2f,"
      "\"delay_p99_ms\":%.2f}\n",
      args_.peer.c_str(), version, args_.workload.c_str(), args_.streams, args_.tokens, args_.rate,
      static_cast<unsigned long long>(tokens_), static_cast<unsigned long long>(bytes_),
      static_cast<unsigned long long>(replies_), static_cast<unsigned long long>(errors_), cpu_,
      system_, wall, tokens / cpu_, tokens / wall, cpu_ / tokens * 1e6, rss_before_kb_,
      rss_after_kb_, static_cast<double>(rss_after_kb_ - rss_before_kb_) / args_.streams,
      ttft_.quantile_ms(.5), ttft_.quantile_ms(.99), delay_.quantile_ms(.5),
      delay_.quantile_ms(.99));
}

Rounds::Rounds(const StreamArgs& args, Measurement& measurement)
    : args_(args), measurement_(measurement), left_(static_cast<std::size_t>(args.streams)) {}

bool Rounds::starts_again(std::size_t stream) noexcept {
  return args_.paced() || left_[stream]-- > 0;
}

}  // namespace scena::bench
