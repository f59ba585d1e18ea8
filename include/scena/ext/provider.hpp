#pragma once

#include <chrono>
#include <cstdint>
#include <map>
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

/// The name as it stands in JSON, e.g. "content_filter". Never null.
const char* to_string(FinishReason reason) noexcept;
const char* to_string(Outcome outcome) noexcept;
/// The value of that name; nothing for other names.
std::optional<FinishReason> parse_finish_reason(std::string_view name) noexcept;
/// The value of that name; nothing for other names.
std::optional<Outcome> parse_outcome(std::string_view name) noexcept;

/// What a model call is for: it decides the budget class and the cache key.
enum class Purpose { turn, analysis, judge, aside, embedding };
/// The name as it stands in JSON, e.g. "turn". Never null.
const char* to_string(Purpose purpose) noexcept;

/// Who says a message to the model.
enum class PromptRole { system, user, assistant, tool };
/// The name as it stands in JSON, e.g. "user". Never null.
const char* to_string(PromptRole role) noexcept;

/// A function that the model may ask for.
struct ToolSpec {
  std::string name;         ///< 1 to 64 characters of A-Z a-z 0-9 _ -.
  std::string description;  ///< For the model; UTF-8.
  std::string parameters;   ///< JSON schema of the arguments, an object's; empty: no arguments.
  bool strict = false;      ///< Ask the service to enforce the schema, where it can.

  bool operator==(const ToolSpec&) const = default;
};

/// Whether the model may, must or must not ask for a tool.
struct ToolChoice {
  /// What the model may do.
  enum class Kind { automatic, none, required, named };
  Kind kind = Kind::automatic;  ///< What the model may do.
  std::string name;             ///< For `named`.

  bool operator==(const ToolChoice&) const = default;
};

/// One call of a tool as the model asked for it.
struct ToolCall {
  std::string id;         ///< The provider's id, or one of our own where it gave none; never empty.
  std::string name;       ///< As the provider sent it.
  std::string arguments;  ///< A JSON object; the raw text when not valid. Never invented.
  bool valid = true;      ///< False: cut off by the token limit, or no JSON object.

  bool operator==(const ToolCall&) const = default;
};

/// A picture, sound or file that belongs to a message: its bytes or where the service finds it.
struct MediaPart {
  /// What the content is.
  enum class Kind { image, audio, file };
  Kind kind = Kind::image;  ///< What the content is.
  std::string media_type;   ///< E.g. "image/png".
  std::string bytes;        ///< The content itself; empty when `url` is set.
  std::string url;          ///< https address that the service reads; empty when `bytes` is set.
  std::string name;         ///< File name for the model; may be empty.

  bool operator==(const MediaPart&) const = default;
};

/// One entry of the conversation as the model sees it.
struct PromptMessage {
  PromptRole role = PromptRole::user;  ///< Who says it.
  std::string text;                    ///< UTF-8. For `tool`: the result as the model reads it.
  std::string name;  ///< The speaker's name where the wire format has room for it; may be empty.
                     ///< For `tool`: the tool's name.
  std::vector<MediaPart> media;      ///< Behind the text; user messages only.
  std::vector<ToolCall> tool_calls;  ///< Of an assistant message.
  std::string tool_call_id;          ///< `tool`: the call that this answers.
  bool tool_failed = false;          ///< `tool`: the text tells a failure.
  std::string state;  ///< Assistant: what the provider gave by ReplySink::on_state, unchanged.

  bool operator==(const PromptMessage&) const = default;
};

/// Added to a request as it stands, for what this interface has no member for.
struct PassThrough {
  std::map<std::string, std::string> headers;  ///< Replace those of the same name.
  std::map<std::string, std::string> query;    ///< Not yet percent-encoded.
  std::string body;  ///< A JSON object whose members replace the body's; empty: none.

  bool operator==(const PassThrough&) const = default;
};

/// Four limits, each by itself; zero means none.
struct Timeouts {
  std::chrono::milliseconds connect{5'000};  ///< To connect, TLS included.
  /// From the request's last byte to the first of the answer's body. Not set: 30 s, or 300 s for a
  /// service at a base URL of the host's own, which may have to load its model first.
  std::optional<std::chrono::milliseconds> first_byte;
  std::chrono::milliseconds idle{30'000};    ///< Between two pieces of the body.
  std::chrono::milliseconds total{600'000};  ///< The whole exchange; a turn's with its tools.

  bool operator==(const Timeouts&) const = default;
};

/// Whom a call belongs to; layers and logs use it, providers may send the trace id on.
struct CallContext {
  std::string tenant;               ///< First part of every key.
  std::string subject;              ///< The user on whose behalf the call is made; may be empty.
  std::string tier;                 ///< The user's tier; may be empty.
  std::string language;             ///< BCP 47 tag of the conversation; may be empty.
  std::string session;              ///< Session id; empty outside of sessions.
  std::string character;            ///< Who speaks.
  std::string trace_id;             ///< For the service's own logs; may be empty.
  Purpose purpose = Purpose::turn;  ///< What the call is for.
  std::uint64_t session_seed =
      0;  ///< Seed of the session's generator: deterministic providers use it.
  std::uint32_t turn_number = 0;  ///< Turns of the session so far, this one included; from 1.
  std::uint32_t reply_number =
      0;  ///< Replies of this character so far, this one included; 0: not known.
  std::uint32_t attempt =
      0;  ///< 0 for the first try of this turn, then 1, 2, ...; also regenerations.
  std::int64_t prompt_tokens = 0;  ///< Estimated tokens of the prompt; 0: not known.
  bool trial = false;  ///< The one call that is to show whether a service is back: not retried.
  std::optional<Money> budget_left;  ///< Of the tightest budget that the call counts against.
};

/// One request for one reply. Once composed it is shared and no longer changes: whoever wants
/// another one asks with a changed copy.
struct ReplyRequest {
  std::string model;                    ///< Empty: the provider's default.
  std::string system;                   ///< System prompt; empty: none.
  std::vector<PromptMessage> messages;  ///< The conversation, oldest first.
  std::optional<double>
      temperature;              ///< 0..2, of some services 0..1; absent: the provider's default.
  std::optional<double> top_p;  ///< 0..1; absent: the provider's default.
  std::optional<std::int64_t> max_tokens;  ///< Of the reply; absent: the provider's default.
  std::optional<std::int64_t> seed;        ///< For services that repeat a reply by seed.
  std::vector<std::string> stop;           ///< Texts at which the model stops.
  std::string
      reasoning_effort;         ///< "minimal", "low", "medium", "high"; empty: the model's default.
  std::string json_schema;      ///< Non-empty: the answer must be JSON that follows this schema.
  std::vector<ToolSpec> tools;  ///< What the model may ask for.
  ToolChoice tool_choice;       ///< Whether it may.
  std::optional<bool> parallel_tools;  ///< Not set: the service's default.
  bool cache_prompt = false;  ///< Mark system prompt and tools for the service's prompt cache.
  bool refuse_unsupported = false;  ///< A setting that the model does not take is an error instead
                                    ///< of being left out with a warning.
  PassThrough extra;                ///< Added to the request as it stands.
  std::string
      script;  ///< The character's offline script from the preset, JSON; other providers ignore it.
  bool stream = true;                ///< False: the reply comes whole.
  Timeouts timeouts;                 ///< Of this exchange.
  std::size_t max_bytes = 4u << 20;  ///< Limit on the reply's text.
  CallContext context;               ///< Whom the call belongs to.
  /// What request_body() of the provider that is asked gave for this request, so that nothing is
  /// composed twice. Null: start() composes it. Whoever changes a copy sets it to null there.
  std::shared_ptr<const std::string> body;

  /// The request as one line of JSON, members in a fixed order, what is not set left out: for hosts
  /// in other languages. docs/reference/c-extensions.md lists them. Media are named, not included.
  std::string to_json() const;
};

/// Who answers, known from the first bytes.
struct ReplyStart {
  std::string provider;      ///< "openai", "anthropic", "script", ...
  std::string model;         ///< As the provider names it.
  std::string request_id;    ///< The provider's id of this exchange; may be empty.
  bool cached = false;       ///< Taken from the response cache; no service was asked.
  bool degraded = false;     ///< The host's configured answer; no service could be asked.
  std::string route;         ///< Which rule picked the model and why; empty without rules.
  std::string fallback_for;  ///< The provider that failed first; empty when none did.
  /// What the service was asked for, where `model` is another name: prices count by both. Empty:
  /// the request's model. What a fallback or rule asks without a model has the service's name here.
  std::string asked_model;
};

/// What a request used that was made for a reply beside the one that ReplyStart tells of: it failed
/// before that one, or took up what had broken off. Its model may have another price.
struct OtherUse {
  std::string provider;     ///< As in ReplyStart.
  std::string model;        ///< As in ReplyStart.
  UsageUpdate usage;        ///< Part of what ReplySink::on_usage() tells.
  std::string asked_model;  ///< As in ReplyStart.
};

/// Where a piece of the reply comes from, as the provider says.
struct Citation {
  std::string text;   ///< What is cited, or the part of the reply that it backs; may be empty.
  std::string title;  ///< May be empty.
  std::string url;    ///< May be empty.
  std::string raw;    ///< The provider's own JSON.
};

/// How a reply ended, and why.
struct ReplyEnd {
  Outcome outcome = Outcome::failed;          ///< How it ended.
  FinishReason reason = FinishReason::other;  ///< Meaningful when complete.
  std::string raw_reason;                     ///< The provider's own word; may be empty.
  std::optional<Error> error;                 ///< Set when failed, truncated or cancelled.
  std::uint32_t ignored = 0;  ///< Events and blocks that this library does not know.
  std::string extra;  ///< The answer's members that it does not read, as a JSON object of at
                      ///< most 16 KiB; empty: none.
  std::optional<bool> try_again;  ///< The service's own word on a failure, where it gave one.
  bool unasked = false;           ///< It ended before its request left: no service can bill it.
};

/// Receives one reply. on_done comes exactly once and last. Views are valid during the call only.
///
/// Threading: never two calls at once. Providers of the library call it on the session's strand; a
/// host's provider may call it from any thread, the engine queues it.
class ReplySink {
 public:
  virtual ~ReplySink() = default;
  /// At most once, before everything but on_done.
  virtual void on_start(const ReplyStart& start) = 0;
  /// A piece of UTF-8, never empty, of whole characters; a host's provider may cut inside one.
  virtual void on_text(std::string_view delta) = 0;
  /// A piece of what the model thinks aloud, cut as text is; no part of the reply.
  virtual void on_reasoning(std::string_view) {}
  /// A piece of the model's refusal, where the wire format tells it apart.
  virtual void on_refusal(std::string_view) {}
  /// The model begins to ask for a tool. `index` numbers the reply's calls from 0.
  virtual void on_tool_start(std::size_t /*index*/, std::string_view /*id*/,
                             std::string_view /*name*/) {}
  /// A piece of that call's arguments: not valid JSON by itself.
  virtual void on_tool_args(std::size_t /*index*/, std::string_view /*delta*/) {}
  /// The call is whole. It has the last word: arguments may differ from the joined pieces.
  virtual void on_tool_end(std::size_t /*index*/, const ToolCall&) {}
  /// A source that the reply names.
  virtual void on_citation(const Citation&) {}
  /// What must go back with this reply in the next request (PromptMessage::state): signatures of
  /// reasoning and the like. Opaque JSON; the last call counts.
  virtual void on_state(std::string_view /*json*/) {}
  /// What the provider has counted so far; absent is not zero.
  virtual void on_usage(const UsageUpdate&) {}
  /// What of that another request used; layers tell it, a single service has none.
  virtual void on_other_use(const OtherUse&) {}
  /// Something odd that did not stop the reply; `code` is a fixed word such as "empty_answer".
  virtual void on_warning(std::string_view /*code*/, std::string_view /*detail*/) {}
  /// The deltas of one read are all delivered: a good moment to pass a batch on.
  virtual void on_flush() {}
  /// The end of the reply.
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

  /// Starts one reply and returns at once; never calls the sink before it returned. `request` is
  /// never null and may be kept for as long as it is needed. `sink` is kept alive until on_done,
  /// which also reports cancellation through `stop` (outcome cancelled).
  virtual void start(std::shared_ptr<const ReplyRequest> request, std::shared_ptr<ReplySink> sink,
                     std::stop_token stop) = 0;

  /// The exact request body that start() would send, for `explain` and for ReplyRequest::body.
  /// Providers without a wire format return a stable JSON description of the request.
  virtual Result<std::string> request_body(const ReplyRequest& request) const = 0;
};

}  // namespace scena
