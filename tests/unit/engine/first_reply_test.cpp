#include <doctest/doctest.h>

#include <set>

#include "domain/builtin_presets.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;

namespace {

constexpr std::size_t kSessions = 20;

Engine open_with_presets(std::uint64_t seed) {
  Config config;
  config.clock = ClockKind::virtual_time;
  config.seed = seed;
  return Engine::open(config);
}

std::string first_reply(Engine& engine, const std::string& preset) {
  return engine.create_session(preset).send_wait("Good morning, and thank you.").text;
}

}  // namespace

TEST_CASE("twenty sessions of one engine answer the same first line in twenty ways, and repeat") {
  for (const auto& preset : builtin_presets()) {
    CAPTURE(preset.id);
    std::vector<std::string> runs[2];
    for (auto& replies : runs) {
      Engine engine = open_with_presets(7);
      for (std::size_t i = 0; i < kSessions; ++i) replies.push_back(first_reply(engine, preset.id));
    }
    CHECK(std::set(runs[0].begin(), runs[0].end()).size() == kSessions);
    CHECK(runs[0] == runs[1]);
  }
}

TEST_CASE("twenty seeds answer the same first line in twenty ways") {
  for (const auto& preset : builtin_presets()) {
    CAPTURE(preset.id);
    std::set<std::string> replies;
    for (std::uint64_t seed = 1; seed <= kSessions; ++seed) {
      Engine engine = open_with_presets(seed);
      replies.insert(first_reply(engine, preset.id));
    }
    CHECK(replies.size() == kSessions);
  }
}

TEST_CASE("a first reply that is regenerated is another text and can be had back") {
  Engine engine = open_with_presets(7);
  Session session = engine.create_session("job-interview");
  const std::string first = session.send_wait("Good morning.").text;
  session.regenerate().wait();
  CHECK(session.messages().back().text() != first);
  const std::string live = session.state_json();
  CHECK(engine.rebuild(session.id()));
  CHECK(session.state_json() == live);
}
