#pragma once

#include <cstdint>
#include <optional>
#include <scena/ext/provider.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "llm/text_joiner.hpp"

namespace scena::llm {

/// A piece of a call in the form of chat completions, where everything may be missing.
struct ToolPiece {
  std::optional<std::int64_t> index;
  std::string id;         ///< Numbers as their text; empty: none.
  std::string name;       ///< Empty: none.
  std::string arguments;  ///< Unescaped; may be cut inside a character.
  bool begins = false;    ///< Of another call than what came before, whatever else it says.
};

/// Puts the pieces of a reply's tool calls together, whatever a service leaves out or says twice.
/// No I/O. What it hands on follows the rule of ReplySink: start, pieces, end, each call's index
/// counted from 0 in the order of their starts: a call starts with its first argument once its name
/// is known, or with its end.
///
/// Which call a piece belongs to: its index; with an id that differs from the call's at that index,
/// or with a name and arguments behind a whole object of another piece, a new call; without an
/// index the call of its id, a new id being the next call; without both the newest call, unless a
/// name begins the next one: another name does, the same one again is a service's repetition. A
/// piece without a name goes on with a call that is not whole, whatever id it has. What says a
/// whole call again is no further call, also in pieces and under another index: a call with the id
/// of another waits for its end, and then it is the same call, or one with an id of ours, since
/// some servers give all calls of a reply one id.
class ToolCalls {
 public:
  static constexpr std::size_t kMaxCalls = 128;

  /// False: over kMaxCalls; the reply is to fail. The caller bounds the arguments.
  bool add(const ToolPiece& piece, ReplySink& sink);
  /// A call that came as a whole. `arguments` is JSON text; empty: none.
  bool add_whole(std::string_view id, std::string_view name, std::string_view arguments,
                 ReplySink& sink);
  /// The provider says that the call at this index of its own has no further piece. Ends it when
  /// its arguments are an object and all calls before it have ended; whether others were cut off is
  /// known at the reply's end only.
  void end(std::int64_t index, ReplySink& sink);
  /// Says, at the end of the call at this index, what its arguments are as a whole: that counts
  /// where their pieces made no object, since some gateways encrypt those alone. True: it is kept.
  bool amend(std::int64_t index, std::string_view arguments);
  /// The reply is complete: every call that is still open is whole. `cut`: the model was stopped by
  /// the token limit, so that what does not parse was cut off.
  void finish(bool cut, ReplySink& sink);

  /// True while no call has a name or an argument; without both it is none.
  bool empty() const noexcept;
  /// The arguments of some call have not ended, or not begun and nobody told that it has none.
  bool has_half() const noexcept;

 private:
  /// How far the brackets of the arguments are closed, in one pass over all pieces.
  struct Shape {
    void read(std::string_view text) noexcept;
    bool is_whole() const noexcept { return whole && !broken; }

    std::uint32_t depth = 0;
    bool in_string = false;
    bool escaped = false;
    bool whole = false;   // an object was opened and closed
    bool broken = false;  // more than one object, or something else
  };
  struct Call {
    std::int64_t index = 0;  // the provider's
    std::size_t number = 0;  // ours, from its start on
    std::string id;
    std::string name;
    std::string arguments;
    Shape shape;
    std::string waiting;  // what came before the name
    std::string amended;  // what counts in place of the arguments; empty: they do
    TextJoiner joiner{TextJoiner::Broken::repaired};
    bool started = false;
    bool made_id = false;   // the id is ours: the provider gave none
    bool doubled = false;   // another call has its id: it waits
    bool told_end = false;  // by the provider
    bool ended = false;
  };

  Call* newest_at(std::int64_t index) noexcept;
  Call* find(const ToolPiece& piece);
  Call* find_by_id(const ToolPiece& piece);
  static bool goes_on(const Call& there, const ToolPiece& piece);
  bool repeats(const ToolPiece& piece) const;
  Call* open(std::optional<std::int64_t> index, std::string id);
  void take_id(Call& call, std::string id) const;
  void take_name(Call& call, std::string_view name) const;
  bool tell_apart(Call& call) const;
  bool has_id(std::string_view id) const;
  void start(Call& call, ReplySink& sink);
  void take_arguments(Call& call, std::string_view piece, ReplySink& sink);
  void hand_on(Call& call, ReplySink& sink);
  void close(std::size_t at, bool cut, ReplySink& sink);
  void close_empty(std::size_t before, ReplySink& sink);

  std::vector<Call> calls_;
  std::size_t next_number_ = 0;
};

}  // namespace scena::llm
