#include <algorithm>

#include "faults/soak/soak.hpp"
#include "support/temp_folder.hpp"

namespace scena::soak {
namespace {

constexpr std::size_t kTogether = 100;

void create_and_close(Engine& engine, std::size_t count) {
  std::vector<Session> sessions;
  std::vector<Events> viewers;
  for (std::size_t i = 0; i < count; ++i) {
    sessions.push_back(engine.create_session(conformance::two_in_a_room()));
    viewers.push_back(sessions.back().events());
    (void)sessions.back().start();
    (void)sessions.back().complete();
  }
  engine.run_until_idle();
  for (const auto& session : sessions) {
    if (session.state() != SessionState::completed)
      throw Error::fixed(ErrorCode::internal, "a session was not closed");
  }
}

}  // namespace

int run_churn(const Options& options) {
  const test::TempFolder folder;
  const auto descriptors = open_descriptors();
  double before = 0, after = 0;
  {
    Config config = configuration(options);
    config.storage = "sqlite:" + folder.file("churn.db");
    Engine engine = Engine::open(config);
    // Caches fill while the first ones run; from then on nothing may be added.
    const std::size_t warm = std::min<std::size_t>(options.sessions / 2, 5'000);
    std::size_t made = 0;
    for (; made < warm; made += kTogether) create_and_close(engine, kTogether);
    before = resident_mib();
    for (; made < options.sessions; made += kTogether) create_and_close(engine, kTogether);
    after = resident_mib();
  }
  const auto left = open_descriptors() - descriptors;
  std::printf(
      "{\"run\":\"churn\",\"sessions\":%zu,\"mib_before\":%.1f,\"mib_after\":%.1f,"
      "\"descriptors_left\":%zu}\n",
      options.sessions, before, after, left);
  return after <= before * 1.05 && left == 0 ? 0 : 1;
}

}  // namespace scena::soak
