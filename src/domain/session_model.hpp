#pragma once

#include <cstdint>
#include <optional>
#include <scena/session.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace scena {

/// A turn that has started and not finished: at most one a session.
struct OpenTurn {
  std::string id;
  std::string speaker;
  std::string kind;      ///< "reply", "prompt", "regenerate", "continue".
  std::string replaces;  ///< The message it will supersede; may be empty.
  std::string cause;     ///< The command that started it.
  std::string provider;
  std::string model;
  std::uint64_t started_seq = 0;
  std::uint32_t attempt = 0;
  Money reserved;
  bool operator==(const OpenTurn&) const = default;
};

/// A session as its events make it: the fold of its log, and nothing else. The running engine, a
/// fork, `rebuild` and another process all get their session from here.
///
/// Pure: no clock, no I/O. Not thread-safe.
class SessionModel {
 public:
  /// Applies the next event. Live-only and unknown types change nothing but last_seq.
  /// @return storage_corrupt when the event's seq leaves a hole or its data is not what its type needs.
  Result<void> apply(const Event& event);

  const SessionInfo& info() const noexcept { return info_; }
  SessionState state() const noexcept { return info_.state; }
  std::uint64_t last_seq() const noexcept { return info_.last_seq; }

  /// Every message ever stored, oldest first.
  const std::vector<Message>& all_messages() const noexcept { return messages_; }
  /// The chosen line, oldest first.
  std::vector<const Message*> line() const;
  const Message* find(std::string_view message) const noexcept;
  const Message* last_on_line() const noexcept;
  /// Messages that were, or are, in the same place of the line, oldest first.
  std::vector<const Message*> alternatives(std::string_view message) const;

  const Participant* participant(std::string_view id) const noexcept;
  const std::optional<OpenTurn>& open_turn() const noexcept { return open_turn_; }
  const std::string& preset_sha256() const noexcept { return preset_sha256_; }
  std::uint64_t seed() const noexcept { return seed_; }
  const std::string& provider() const noexcept { return provider_; }
  const std::string& model() const noexcept { return model_; }
  bool removed() const noexcept { return removed_; }
  WallTime started() const noexcept { return started_; }
  Duration last_latency(WallTime now) const noexcept;

  /// Turns ever started, superseded ones included: numbers new turns and seeds providers.
  std::uint32_t turns_started() const noexcept { return turns_started_; }
  std::string next_turn_id() const;
  /// The id of the `offset`-th message to be stored next.
  std::string next_message_id(std::uint32_t offset = 0) const;
  /// How many replies were tried for the place that `message` stands in.
  std::uint32_t attempts(std::string_view message) const;

  /// Turns the model's point of view into that of a fork: the prefix is shared, the stream is new.
  void become_fork(const Event& forked);

  /// Everything, as one JSON text with a fixed member order.
  std::string to_json() const;

 private:
  Result<void> apply_data(const Event& event, const Json& data);
  Result<void> created(const Event& event, const Json& data);
  Result<void> message_stored(const Event& event, const Json& data);
  Result<void> metrics_stored(const Json& data);
  void superseded(const Json& data);
  void turn_started(const Event& event, const Json& data);
  void turn_finished(const Json& data);
  void settled(const Json& data);
  void joined(const Json& data);
  void left(const Json& data);
  void recount();
  Message* find_mutable(std::string_view message) noexcept;

  SessionInfo info_;
  std::vector<Message> messages_;
  std::optional<OpenTurn> open_turn_;
  std::string preset_sha256_;
  std::string provider_;
  std::string model_;
  std::uint64_t seed_ = 0;
  std::uint32_t turns_started_ = 0;
  WallTime started_{};
  Usage aside_usage_;
  Money aside_cost_;
  bool removed_ = false;
};

/// JSON of a session's facts in the one order that every language prints.
void write_session_info(std::string& out, const SessionInfo& info);
Result<SessionInfo> read_session_info(std::string_view json);

}  // namespace scena
