#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <scena/ext/provider.hpp>
#include <stop_token>
#include <string>
#include <string_view>

namespace scena {

/// How the engine treats a tool.
struct ToolOptions {
  std::chrono::milliseconds time_limit{30'000};  ///< Of one call, on the engine's clock.
  std::size_t max_result_bytes = 64u << 10;      ///< A larger result is a failed call.
  std::size_t max_result_tokens = 16'000;        ///< So is one of more estimated tokens.
  std::chrono::milliseconds cache_for{0};  ///< Equal calls of one tenant within this time share a
                                           ///< result; 0: every call is made.
  bool idempotent = false;      ///< Calling it twice does no harm: a model whose call was cut by a
                                ///< crash is told that it may ask again.
  bool needs_approval = false;  ///< Ask Dependencies::tool_approval before each call.
  bool everywhere = false;      ///< Offered to every character, also where no preset names it.

  bool operator==(const ToolOptions&) const = default;
};

/// One call that a model asked for; its arguments follow the tool's schema.
struct ToolRequest {
  std::string call;       ///< The call's id, unique within the turn.
  std::string tool;       ///< The tool's name.
  std::string tenant;     ///< Whose session it is.
  std::string session;    ///< The session's id.
  std::string subject;    ///< The session's owner; may be empty.
  std::string character;  ///< Who asks.
  std::string arguments;  ///< A JSON object.

  /// The request as one line of JSON, members in the order above.
  std::string to_json() const;
};

/// Takes the result of one call. The first answer counts, later ones are ignored; letting go of the
/// object without an answer is a failed call. May outlive the engine, and then does nothing.
///
/// Threading: any thread.
class ToolAnswer {
 public:
  virtual ~ToolAnswer() = default;
  /// What the model reads: JSON or plain text. What is not UTF-8 becomes U+FFFD.
  virtual void succeed(std::string_view result) = 0;
  /// The model reads that the call failed, and this reason.
  virtual void fail(std::string_view reason) = 0;
};

/// A function of the host's that characters may use. One Tool serves many sessions at once.
///
/// Threading: call() comes on the strand of the session that asks, from several threads at once
/// with several engine threads. It returns soon, and may answer later from any thread.
class Tool {
 public:
  virtual ~Tool() = default;
  /// Name, description and the arguments' JSON schema. Read once, when the engine opens.
  virtual ToolSpec spec() const = 0;
  /// How it is to be treated. Read once, when the engine opens.
  virtual ToolOptions options() const { return {}; }
  /// Begins one call. `stop` is requested when the turn was cancelled or the time is up: an answer
  /// has no effect any more. What it throws is a failed call.
  virtual void call(ToolRequest request, std::shared_ptr<ToolAnswer> answer,
                    std::stop_token stop) = 0;
};

/// Whether a call may be made.
struct ToolVerdict {
  bool allowed = false;  ///< Whether the call is made.
  std::string reason;    ///< For the model, when refused; may be empty.
};

/// Asked before each call of a tool that needs approval: by a person, a policy, a dialog. A call
/// that is not answered within five minutes of engine time is refused.
///
/// Threading: ask() comes on the session's strand; the answer comes at once or later, from any
/// thread. The first one counts.
class ToolApproval {
 public:
  /// Takes the verdict, from any thread.
  using Answer = std::function<void(ToolVerdict)>;

  virtual ~ToolApproval() = default;
  /// What it throws counts as a refusal.
  virtual void ask(const ToolRequest& request, Answer answer) = 0;
};

/// A tool made of a function that answers at once: its return value is the result, what it throws
/// (std::exception) a failed call with that reason.
std::shared_ptr<Tool> make_tool(ToolSpec spec,
                                std::function<std::string(const ToolRequest&)> function,
                                ToolOptions options = {});

}  // namespace scena
