// What a session costs that nobody talks to, and what a reply costs that streams, plain and under
// TLS: resident memory each, and for streams the CPU time of a token. One JSON line each.
//
//   memory_bench [--sessions N] [--streams N] [--tokens T]
//
// The server of the streams is a process of its own, so that the figures are the client's alone.
#include <malloc.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <scena/engine.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "llm/registry.hpp"
#include "net/http_client.hpp"
#include "stream_bench.hpp"
#include "support/http_test_server.hpp"

namespace {

using namespace scena;

std::string event_text(std::string_view content) {
  return std::string(
             "data: {\"id\":\"chatcmpl-0123456789abcdefghijklmnopqrs\",\"object\":"
             "\"chat.completion.chunk\",\"created\":1790000000,\"model\":\"gpt-4o-mini-2024-07-"
             "18\","
             "\"service_tier\":\"default\",\"system_fingerprint\":\"fp_0123456789\",\"choices\":[{"
             "\"index\":0,\"delta\":{\"content\":\"") +
         std::string(content) +
         "\"},\"logprobs\":null,\"finish_reason\":null}],\"usage\":null}\n\n";
}

std::string chunk(const std::string& bytes) {
  char size[32];
  std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
  return size + bytes + "\r\n";
}

constexpr const char* kLast =
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
constexpr const char* kHead =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

/// Answers a request for the model "hold" with ten tokens and nothing more, any other with a whole
/// reply of as many tokens as asked for.
class Server {
 public:
  Server(const test::TestCertificate* certificate, int tokens);
  ~Server() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  int port() const noexcept { return port_; }

 private:
  static void serve(test::TestPeer& peer, int tokens);
  pid_t process_ = -1;
  int port_ = 0;
};

Server::Server(const test::TestCertificate* certificate, int tokens) {
  int ends[2];
  if (::pipe(ends) != 0) std::exit(1);
  process_ = ::fork();
  if (process_ == 0) {
    test::HttpTestServer::Options options;
    options.certificate = certificate;
    const test::HttpTestServer server([tokens](test::TestPeer& peer) { serve(peer, tokens); },
                                      options);
    const int port = server.port();
    if (::write(ends[1], &port, sizeof port) != sizeof port) std::_Exit(1);
    for (;;) ::pause();
  }
  if (::read(ends[0], &port_, sizeof port_) != sizeof port_) std::exit(1);
  ::close(ends[0]);
  ::close(ends[1]);
}

void Server::serve(test::TestPeer& peer, int tokens) {
  const std::string token = chunk(event_text(" token"));
  for (auto request = peer.read_request(); !request.empty(); request = peer.read_request()) {
    const bool hold = request.find("\"model\":\"hold\"") != std::string::npos;
    std::string reply = kHead;
    for (int i = 0; i < (hold ? 10 : tokens); ++i) reply += token;
    if (!hold) reply += chunk(kLast) + chunk("data: [DONE]\n\n") + "0\r\n\r\n";
    if (!peer.send(reply) || hold) return peer.wait_for_end();
  }
}

class Sink final : public ReplySink {
 public:
  void on_start(const ReplyStart&) override {}
  void on_text(std::string_view delta) override { bytes_ += delta.size(); }
  void on_done(const ReplyEnd& end) override {
    done_ = true;
    failed_ = end.outcome != Outcome::complete;
  }
  std::size_t bytes() const noexcept { return bytes_; }
  bool done() const noexcept { return done_; }
  bool failed() const noexcept { return failed_; }

 private:
  std::size_t bytes_ = 0;
  bool done_ = false;
  bool failed_ = false;
};

/// The provider client alone, as scena_streams has it in mode transport.
class Client {
 public:
  Client(int port, const test::TestCertificate* certificate) {
    net::HttpClientOptions options;
    if (certificate) options.config.ca_file = certificate->ca_file();
    http_ = net::HttpClient::make(loop_, options).value_or_throw();
    llm::add_builtin_providers(registry_);
    ProviderConfig config;
    config.url = std::string("openai+") + (certificate ? "https" : "http") +
                 "://127.0.0.1:" + std::to_string(port) + "/v1";
    config.api_key = "x";
    provider_ = registry_.make(config, {*http_, loop_, clock_, HttpConfig{}}).value_or_throw();
  }

  std::shared_ptr<Sink> start(const char* model) {
    auto sink = std::make_shared<Sink>();
    ReplyRequest request;
    request.model = model;
    request.system = "You play a witness under questioning.";
    request.messages = {{PromptRole::user, "Where were you that night?", {}}};
    provider_->start(std::make_shared<const ReplyRequest>(std::move(request)), sink,
                     stop_.get_token());
    return sink;
  }
  /// Drives the loop until the sink has so many bytes, or its reply has ended.
  void run_until(const Sink& sink, std::size_t bytes) {
    while (!sink.done() && sink.bytes() < bytes) loop_.run_once(std::chrono::milliseconds(100));
  }

 private:
  SystemClock clock_;
  net::Loop loop_{clock_};
  std::unique_ptr<net::HttpClient> http_;
  llm::ProviderRegistry registry_;
  std::shared_ptr<Provider> provider_;
  std::stop_source stop_;
};

bool streams(bool tls, int count, int tokens) {
  const test::TestCertificate certificate("IP:127.0.0.1");
  const auto* used = tls ? &certificate : nullptr;
  const Server server(used, tokens);
  Client client(server.port(), used);
  const std::size_t held = 10 * std::string_view(" token").size();
  client.run_until(*client.start("hold"), held);  // what the first one alone sets up
  std::vector<std::shared_ptr<Sink>> sinks;
  const long before = bench::resident_kb();
  for (int i = 0; i < count; ++i) {
    sinks.push_back(client.start("hold"));
    client.run_until(*sinks.back(), held);
  }
  const long after = bench::resident_kb();
  bool good = true;
  for (const auto& sink : sinks) good = good && !sink->done() && sink->bytes() == held;
  const std::size_t whole = static_cast<std::size_t>(tokens) * std::string_view(" token").size();
  constexpr int kReplies = 6;
  double cpu = 0;
  for (int i = 0; i < kReplies; ++i) {
    if (i == 1) cpu = bench::cpu_seconds();
    const auto sink = client.start("whole");
    client.run_until(*sink, whole + 1);
    good = good && !sink->failed() && sink->bytes() == whole;
  }
  cpu = bench::cpu_seconds() - cpu;
  std::printf(
      "{\"bench\":\"open_stream\",\"tls\":%s,\"streams\":%d,\"kib_each\":%.2f,\"us_per_tok\":"
      "%.4f,\"errors\":%d}\n",
      tls ? "true" : "false", count, static_cast<double>(after - before) / count,
      cpu / (tokens * (kReplies - 1)) * 1e6, good ? 0 : 1);
  std::fflush(stdout);
  return good;
}

// Sessions whose handles are kept, in the store in memory: with their opening, and with an exchange
// of two lines behind them.
void idle_sessions(int count, bool talked) {
  Config config;
  config.provider = "script:";
  config.clock = ClockKind::virtual_time;
  Engine engine = Engine::open(config);
  std::vector<Session> sessions;
  const int first = count / 10;  // the engine's own tables grow with these
  sessions.reserve(static_cast<std::size_t>(first + count));
  long before = 0;
  for (int i = 0; i < first + count; ++i) {
    if (i == first) {
      malloc_trim(0);
      before = bench::resident_kb();
    }
    sessions.push_back(engine.create_session("job-interview"));
    sessions.back().start().get();
    if (talked) sessions.back().send("Good morning.").wait();
  }
  malloc_trim(0);  // what the work left behind is free for others
  std::printf("{\"bench\":\"idle_session\",\"talked\":%s,\"sessions\":%d,\"kib_each\":%.2f}\n",
              talked ? "true" : "false", count,
              static_cast<double>(bench::resident_kb() - before) / count);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  int sessions = 2'000, open = 500, tokens = 20'000;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view flag = argv[i];
    if (flag == "--sessions") sessions = std::atoi(argv[i + 1]);
    if (flag == "--streams") open = std::atoi(argv[i + 1]);
    if (flag == "--tokens") tokens = std::atoi(argv[i + 1]);
  }
  try {
    const bool plain = streams(false, open, tokens);
    const bool tls = streams(true, open, tokens);
    idle_sessions(sessions, false);
    idle_sessions(sessions, true);
    return plain && tls ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
