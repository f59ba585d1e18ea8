#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <scena/ext/clock.hpp>
#include <scena/result.hpp>
#include <string>
#include <vector>

namespace scena {

/// How a FaultServer answers.
struct FaultServerOptions {
  std::uint16_t port = 0;  ///< 0: any free one.
  /// A list of steps such as "429x2,ok", or a JSON object (docs/reference/fault.md); empty: no
  /// faults.
  std::string schedule;
  std::uint64_t seed = 0;  ///< Chooses texts and times; the same seed gives the same bytes.
  std::string api_key;     ///< Non-empty: other keys are refused with 401.
  std::size_t max_connections = 1'000;  ///< Further ones are closed at once.
};

/// A case that a client can ask for by its path: http://127.0.0.1:PORT/case/ID/v1/...
struct FaultServerCase {
  std::string id;       ///< Stands in its path.
  std::string path;     ///< "chat/completions", "messages", ..., "any", or "any with events".
  std::string meaning;  ///< What is odd about the answer.
};

/// A model service that misbehaves on purpose: it answers in the wire formats of OpenAI, Anthropic,
/// Gemini, Cohere and Ollama with scripted texts, checks requests as strictly as the real services
/// do, and plays faults by schedule or by path. It listens on 127.0.0.1 only.
///
/// Nothing happens unless the owner calls poll() or run_once(); there is no thread behind it.
///
/// Threading: one thread at a time.
class FaultServer {
 public:
  /// Listens. Errors: invalid_argument for the schedule, network when the port is taken.
  static Result<std::unique_ptr<FaultServer>> open(const FaultServerOptions& options);
  /// Closes every connection.
  ~FaultServer();
  FaultServer(const FaultServer&) = delete;
  FaultServer& operator=(const FaultServer&) = delete;

  /// The port it listens on.
  std::uint16_t port() const noexcept;
  /// "http://127.0.0.1:PORT"; base URLs of clients are this with "/v1" behind it.
  std::string url() const;
  /// Requests answered so far.
  std::uint64_t requests() const noexcept;
  /// Connections open now.
  std::size_t connections() const noexcept;
  /// Connections that could not be taken because no descriptor was left; each is tried again after
  /// a pause, and those that are open go on.
  std::uint64_t failed_accepts() const noexcept;

  /// Runs what is ready and returns how many callbacks ran. Never blocks.
  std::size_t poll();
  /// Waits for something to do, at most `longest`, then polls.
  std::size_t run_once(std::chrono::milliseconds longest);
  /// Readable when poll() has something to do; for the caller's own loop.
  int wait_fd() const noexcept;
  /// When poll() must be called at the latest.
  std::optional<TimePoint> next_deadline() const noexcept;

  /// Every case, for lists and loops over them.
  static std::vector<FaultServerCase> cases();

 private:
  class Impl;
  explicit FaultServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace scena
