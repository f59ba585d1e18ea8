#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <scena/ext/clock.hpp>
#include <scena/result.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace scena {

/// Who may see an event. Empty names and `all`: everybody.
struct Audience {
  /// Everybody, nobody but hosts, or who is named.
  enum class Kind { all, hosts, named };
  Kind kind = Kind::all;           ///< Which of the three.
  std::vector<std::string> names;  ///< For `named`: participant ids, or "role:<name>".

  /// Hosts see everything; a participant sees `all` and what names it or its role.
  bool admits(std::string_view participant, std::string_view role) const noexcept;
  bool operator==(const Audience&) const = default;
};

/// A place in a stream: after the durable event `seq`, and after `offset` bytes of the text that
/// was running then. Opaque to hosts: keep the string and hand it back.
struct Cursor {
  std::uint64_t seq = 0;  ///< The last durable event seen; 0: none.
  std::optional<std::uint64_t>
      offset;  ///< Bytes seen of the text that runs after it; absent: none.

  std::string to_string() const;  ///< "<seq>" or "<seq>.<offset>".
  /// Reads what to_string() wrote; invalid_argument for anything else.
  static Result<Cursor> parse(std::string_view text);
  bool operator==(const Cursor&) const = default;
};

/// One entry of a stream: what happened, when, to whom, and because of what.
///
/// Durable events have their own `seq`, from 1 without holes. Live ones (delta, metrics.live, ...)
/// carry the seq of the durable event before them. Readers ignore types that they do not know.
struct Event {
  std::string stream;                ///< "session:<id>", "user:<id>", "room:<name>" or "system".
  std::uint64_t seq = 0;             ///< Position in the stream.
  std::optional<std::uint64_t> off;  ///< Bytes of the running text before `text`; `lagged`: read.
  std::string type;                  ///< e.g. "message.stored"; docs/reference/events.md lists all.
  WallTime time{};                   ///< When it happened, UTC.
  std::string actor;                 ///< Participant id, "host" or "engine".
  Audience audience;                 ///< Who may see it.
  std::string cause;                 ///< Id of the command or request that led to it.
  std::string data;                  ///< A JSON object; for deltas empty, see `turn` and `text`.
  std::string turn;                  ///< Deltas: the turn's id.
  std::string text;                  ///< Deltas: the new text.
  std::optional<Cursor> place;       ///< Where the viewer that gave it stood then; see cursor().

  /// False for live events: they are in no store and come only while one listens.
  bool is_durable() const noexcept;
  /// Behind this event: who subscribes after it goes on there. Of one that a viewer gave it is what
  /// Events::cursor() was then, which knows how much of the running reply was read.
  Cursor cursor() const noexcept;
  /// The one JSON form of an event, the same bytes in every language. One line, no spaces.
  std::string to_json() const;
  /// Appends to_json() to `out`.
  void write_json(std::string& out) const;

  /// Whether both say the same; `place` belongs to a reader and does not count.
  bool operator==(const Event& other) const noexcept;
};

}  // namespace scena
