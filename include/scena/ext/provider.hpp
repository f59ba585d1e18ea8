#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <scena/ext/clock.hpp>
#include <scena/result.hpp>
#include <scena/usage.hpp>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace scena {

/// Why a model stopped writing. Cancelled, truncated and failed are outcomes, not finish reasons.
enum class FinishReason {
  stop,
  length,
  tool_calls,
  content_filter,
  refusal,
  pause,
  context_overflow,
  other
};
/// How a reply ended. Only `complete` means that the provider's own end mark was seen.
enum class Outcome { complete, truncated, cancelled, failed, interrupted };

const char* to_string(FinishReason reason) noexcept;
const char* to_string(Outcome outcome) noexcept;
std::optional<FinishReason> parse_finish_reason(std::string_view name) noexcept;
std::optional<Outcome> parse_outcome(std::string_view name) noexcept;

/// What a model call is for: it decides the budget class and the cache key.
enum class Purpose { turn, analysis, judge, aside, embedding };
const char* to_string(Purpose purpose) noexcept;

enum class PromptRole { system, user, assistant };
const char* to_string(PromptRole role) noexcept;

/// One entry of the conversation as the model sees it.
struct PromptMessage {
  PromptRole role = PromptRole::user;
  std::string text;  ///< UTF-8.
  std::string name;  ///< The speaker's name where the wire format has room for it; may be empty.

  bool operator==(const PromptMessage&) const = default;
};

/// Four limits, each by itself; zero means none.
struct Timeouts {
  std::chrono::milliseconds connect{5'000};
  /// From the request's last byte to the first of the answer's body. Not set: 30 s, or 300 s for a
  /// service at a base URL of the host's own, which may have to load its model first.
  std::optional<std::chrono::milliseconds> first_byte;
  std::chrono::milliseconds idle{30'000};  ///< Between two pieces of the body.
  std::chrono::milliseconds total{600'000};

  bool operator==(const Timeouts&) const = default;
};

/// Whom a call belongs to; layers and logs use it, providers may send the trace id on.
struct CallContext {
  std::string tenant;
  std::string session;    ///< Session id; empty outside of sessions.
  std::string character;  ///< Who speaks.
  std::string trace_id;
  Purpose purpose = Purpose::turn;
  std::uint64_t session_seed =
      0;  ///< Seed of the session's generator: deterministic providers use it.
  std::uint32_t turn_number = 0;  ///< Turns of the session so far, this one included; from 1.
  std::uint32_t reply_number =
      0;  ///< Replies of this character so far, this one included; 0: not known.
  std::uint32_t attempt =
      0;  ///< 0 for the first try of this turn, then 1, 2, ...; also regenerations.
};

/// One request for one reply.
struct ReplyRequest {
  std::string model;   ///< Empty: the provider's default.
  std::string system;  ///< System prompt; empty: none.
  std::vector<PromptMessage> messages;
  std::optional<double> temperature;
  std::optional<std::int64_t> max_tokens;
  std::optional<std::int64_t> seed;
  std::vector<std::string> stop;
  std::string json_schema;  ///< Non-empty: the answer must be JSON that follows this schema.
  std::string
      script;  ///< The character's offline script from the preset, JSON; other providers ignore it.
  bool stream = true;
  Timeouts timeouts;
  std::size_t max_bytes = 4u << 20;  ///< Limit on the reply's text.
  CallContext context;
  /// What request_body() of the provider that is asked gave for this request, so that nothing is
  /// composed twice. Null: start() composes it. Whoever changes the request sets it to null.
  std::shared_ptr<const std::string> body;
};

struct ReplyStart {
  std::string provider;    ///< "openai", "anthropic", "script", ...
  std::string model;       ///< As the provider names it.
  std::string request_id;  ///< The provider's id of this exchange; may be empty.
};

struct ReplyEnd {
  Outcome outcome = Outcome::failed;
  FinishReason reason = FinishReason::other;  ///< Meaningful when complete.
  std::string raw_reason;                     ///< The provider's own word; may be empty.
  std::optional<Error> error;                 ///< Set when failed or truncated.
};

/// Receives one reply. on_done comes exactly once and last. Views are valid during the call only.
///
/// Threading: never two calls at once. Providers of the library call it on the session's strand; a
/// host's provider may call it from any thread, the engine queues it.
class ReplySink {
 public:
  virtual ~ReplySink() = default;
  virtual void on_start(const ReplyStart& start) = 0;
  /// A piece of text: whole UTF-8 characters, never empty.
  virtual void on_text(std::string_view delta) = 0;
  virtual void on_reasoning(std::string_view) {}
  virtual void on_refusal(std::string_view) {}
  virtual void on_usage(const UsageUpdate&) {}
  /// Something odd that did not stop the reply; `code` is a fixed word such as "empty_answer".
  virtual void on_warning(std::string_view /*code*/, std::string_view /*detail*/) {}
  /// The deltas of one read are all delivered: a good moment to pass a batch on.
  virtual void on_flush() {}
  virtual void on_done(const ReplyEnd& end) = 0;
};

/// A source of model replies: a vendor's API, a local model, a test script.
///
/// One Provider serves many sessions at once. It knows nothing of sessions, storage, retries or
/// budgets: layers around it, each with this same interface, do that.
///
/// Threading: start() is called on the strand of the session that asks; with several engine
/// threads, from several threads at once.
class Provider {
 public:
  virtual ~Provider() = default;

  /// A short fixed name for events and logs, e.g. "openai".
  virtual std::string_view name() const noexcept = 0;

  /// Starts one reply and returns at once; never calls the sink before it returned. `sink` is kept
  /// alive until on_done, which also reports cancellation through `stop` (outcome cancelled).
  virtual void start(ReplyRequest request, std::shared_ptr<ReplySink> sink,
                     std::stop_token stop) = 0;

  /// The exact request body that start() would send, for `explain` and for ReplyRequest::body.
  /// Providers without a wire format return a stable JSON description of the request.
  virtual Result<std::string> request_body(const ReplyRequest& request) const = 0;
};

}  // namespace scena
