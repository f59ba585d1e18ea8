#pragma once

#include <memory>
#include <scena/ext/storage.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/id.hpp"
#include "support/forwarding_storage.hpp"

namespace scena::test {

/// A defect planted on purpose, to see that the invariants find it. See README.md.
enum class Defect {
  none,
  lose_acknowledged,  ///< A commit is acknowledged and not kept.
  keep_refused,       ///< A commit is refused and kept all the same.
  drop_event,         ///< A read leaves out one event.
  repeat_event,       ///< A read gives one event twice.
  swap_events,        ///< A read gives two events in the wrong order.
  change_text,        ///< A stored message differs from the one that was streamed.
  change_cost,        ///< A settled cost differs from the message's.
  second_terminal,    ///< A turn finishes twice.
  wrong_state,        ///< A session that was never paused is resumed.
  late_callback,      ///< A callback comes after close().
  lose_piece,         ///< A connection loses a piece in the middle of a reply.
};

inline constexpr std::pair<const char*, Defect> kDefects[] = {
    {"lose_acknowledged", Defect::lose_acknowledged},
    {"keep_refused", Defect::keep_refused},
    {"drop_event", Defect::drop_event},
    {"repeat_event", Defect::repeat_event},
    {"swap_events", Defect::swap_events},
    {"change_text", Defect::change_text},
    {"change_cost", Defect::change_cost},
    {"second_terminal", Defect::second_terminal},
    {"wrong_state", Defect::wrong_state},
    {"late_callback", Defect::late_callback},
    {"lose_piece", Defect::lose_piece},
};

/// A store that outlives engines, refuses commits at random and for whole periods, and carries the
/// planted defects that a store can have.
class ShakyStorage final : public ForwardingStorage {
 public:
  ShakyStorage(std::unique_ptr<Storage> inner, std::uint64_t seed, Defect defect)
      : ForwardingStorage(std::move(inner)), random_(seed), defect_(defect) {}

  void refuse_share(double share) noexcept { refused_share_ = share; }
  void set_full(bool full) noexcept { full_ = full; }
  /// As when the process dies: nothing is acknowledged any more. The last group may still have
  /// reached the disk.
  void die(bool keep_last) noexcept {
    dead_ = true;
    keep_last_ = keep_last;
  }
  void revive() noexcept { dead_ = false; }

  std::vector<Result<void>> commit(std::span<const Batch> group) override;
  Result<std::vector<Event>> read_events(std::string_view tenant, std::string_view stream,
                                         std::uint64_t after, std::size_t limit) override;

 private:
  bool now_and_then() noexcept { return random_.below(40) == 0; }
  void plant(Batch& batch);
  void change_event(Event& event);
  static void add_event(Append& append, const Event& like, std::string_view type);

  Random random_;
  const Defect defect_;
  double refused_share_ = 0;
  bool full_ = false;
  bool dead_ = false;
  bool keep_last_ = false;
};

}  // namespace scena::test
