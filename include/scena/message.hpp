#pragma once

#include <cstdint>
#include <scena/event.hpp>
#include <scena/ext/analyzer.hpp>
#include <scena/ext/provider.hpp>
#include <scena/usage.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace scena {

/// A piece of a message. Text stands in `text`; images, audio and files are blobs named by hash.
struct MessagePart {
  /// What the part holds; `data` is JSON.
  enum class Kind { text, image, audio, file, data };
  Kind kind = Kind::text;  ///< What the part holds.
  std::string text;        ///< For text: UTF-8. For data: a JSON value.
  std::string blob;        ///< SHA-256 of the bytes, lower-case hex.
  std::string media_type;  ///< e.g. "image/png".
  std::uint64_t size = 0;  ///< Bytes of the blob.
  bool operator==(const MessagePart&) const = default;
};

/// One call of a tool in a reply, and what came of it.
struct ToolUse {
  ToolCall call;                          ///< What the model asked for.
  bool finished = false;                  ///< A result, or why there is none, stands in the log.
  bool failed = false;                    ///< The tool failed, or was not called.
  std::string result;                     ///< As the model reads it.
  bool cached = false;                    ///< Taken from an equal call before.
  std::chrono::milliseconds duration{0};  ///< From request to result.
  bool operator==(const ToolUse&) const = default;
};

/// The calls that a model asked for at once, after the text it had said until then.
struct ToolRound {
  std::string text;           ///< What it said in this round before the calls.
  std::string state;          ///< What its provider wants back with them (PromptMessage::state).
  std::vector<ToolUse> uses;  ///< In the order of the calls.
  bool operator==(const ToolRound&) const = default;
};

/// A model's opinion on one metric of a message. It stands beside the score that was measured,
/// never in its place.
struct JudgedScore {
  std::string metric;              ///< As MetricScore::metric.
  double value = 0;                ///< In the metric's own range, 4 decimals.
  std::string label;               ///< A class of the metric.
  std::vector<Evidence> evidence;  ///< The words that the model quoted, reason "quote".
  std::string provider;            ///< Who judged, by name.
  std::string model;               ///< As the provider names it.
  bool cached =
      false;  ///< Judged before, for an equal text under the same words: nothing was paid.
  bool operator==(const JudgedScore&) const = default;
};

/// One message of a session, as it stands in the log.
struct Message {
  std::string id;    ///< "m1", "m2", ...: unique within the session and its forks' shared prefix.
  std::string turn;  ///< The turn that made it; empty for an opening line, and for a message that
                     ///< no reply was asked for.
  std::string speaker;             ///< Participant id.
  bool from_human = false;         ///< Not written by a model.
  std::vector<MessagePart> parts;  ///< In order.
  WallTime time{};                 ///< When it was stored; of a reply, when it was complete.
  std::uint64_t seq = 0;           ///< Of its message.stored event.
  Audience audience;               ///< Who perceived it; prompts of others never hold it.
  bool pinned = false;             ///< Never dropped from the history (openings are pinned).
  bool superseded = false;         ///< Replaced, edited away or undone; still in the log.
  std::string replaces;  ///< The message it is an alternative to or an edit of; may be empty.
  std::string subject;   ///< Whose personal data the text is; empty for characters.

  Outcome outcome = Outcome::complete;              ///< For replies: how they ended.
  FinishReason finish_reason = FinishReason::stop;  ///< Meaningful when complete.
  std::string provider;                             ///< Of a reply: who wrote it, by name.
  std::string model;                                ///< As the provider names it.
  Usage usage;                                      ///< Of a reply: its tokens.
  Money cost;                                       ///< Of a reply: by the prices configured.
  std::vector<MetricScore> metrics;                 ///< Those computed of it.
  std::vector<JudgedScore> judged;  ///< A model's opinion on those that were unsure.

  // What follows from the log before it.
  std::string place;  ///< The turn it belongs to on the line: `turn`, or for a new or continued
                      ///< reply that of the one whose place it took.
  std::vector<std::string> absent;     ///< Participants who had left: their prompts never hold it.
  std::vector<ToolRound> tool_rounds;  ///< Tools that the reply used, in order, before its last
                                       ///< text. Hosts alone see them.

  /// The joined text parts.
  std::string text() const;
  bool operator==(const Message&) const = default;
};

}  // namespace scena
