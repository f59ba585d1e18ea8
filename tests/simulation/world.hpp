#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <scena/engine.hpp>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/id.hpp"
#include "simulation/guest.hpp"
#include "simulation/shaky_storage.hpp"
#include "simulation/watcher.hpp"
#include "simulation/wire_services.hpp"

namespace scena::test {

struct WorldOptions {
  std::uint64_t seed = 1;
  Defect defect = Defect::none;
  std::size_t sessions = 20;
  int steps = 150;
};

/// What one seed did and found.
struct WorldReport {
  std::uint64_t hash = 0;  ///< Over every event a viewer saw and every command's answer.
  std::uint64_t commands = 0, events = 0, turns = 0, lags = 0, engines = 0, refused = 0;
  std::uint64_t kills = 0;
  std::uint64_t requests = 0;  ///< That arrived at a service over the simulated network.
  std::uint64_t points = 0;    ///< Where a session was compared with its rebuilt self.
  std::uint64_t findings = 0;
  std::string first_finding;
};

/// One simulated world: sessions with three viewers each, and one of a guest who joins and leaves,
/// under random commands, on the virtual clock, with failing models in process and over a simulated
/// network, a failing store, and engines that close and open again on that store. All of it follows
/// from the seed.
class World {
 public:
  explicit World(const WorldOptions& options);
  WorldReport run();

 private:
  struct Life {
    std::string id;
    std::optional<Session> session;
    std::deque<Watcher> watchers;
    std::optional<Guest> guest;
    std::vector<std::string> humans;
    bool gone = false;
  };

  void open_engine();
  void close_engine();
  void create_session();
  void add_life(Session session);
  void step();
  Life& pick_life();
  void act(Life& life);
  void change_line(Life& life, std::uint64_t which);
  void change_session(Life& life, std::uint64_t which);
  void read_all(bool everything);
  void settle();
  void compare_rebuilt(Life& life);
  void compare_bytes(Life& life);
  void check_log(Life& life);
  void check_texts(Life& life);
  void check_guest(Life& life);
  void hash(std::string_view bytes) noexcept;
  template <class T>
  void expect(const Pending<T>& pending);
  void expect(const Turn& turn);
  void answered(ErrorCode code);
  SendOptions send_options();
  std::string last_message(Life& life, bool human);
  std::string any_message(Life& life);

  const WorldOptions options_;
  Random random_;
  std::shared_ptr<VirtualClock> clock_ = std::make_shared<VirtualClock>();
  std::shared_ptr<ShakyStorage> storage_;
  WireServices services_;
  std::optional<Engine> engine_;
  std::shared_ptr<bool> engine_open_ = std::make_shared<bool>(false);
  std::deque<Life> lives_;
  Findings findings_;
  WorldReport report_;
  std::uint64_t asked_ = 0, answers_ = 0, command_ids_ = 0;
  std::function<void()> kept_callback_;  // for the planted late callback
};

}  // namespace scena::test
