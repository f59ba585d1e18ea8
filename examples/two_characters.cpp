// Two AI characters talk to each other on the virtual clock: minutes of conversation in no time,
// and with one seed the same conversation every time.
#include <iostream>
#include <scena/engine.hpp>

namespace {

std::string talk(std::uint64_t seed, bool print) {
  scena::Config config;
  config.clock = scena::ClockKind::virtual_time;
  config.seed = seed;
  auto engine = scena::Engine::open(config);
  auto session = engine.create_session("job-interview", {.played_by = {{"candidate", "ai"}}});
  const auto began = engine.clock().now();
  const auto result = session.run({.max_turns = 6}).get();

  std::string transcript;
  for (const auto& message : session.messages())
    transcript += message.speaker + ": " + message.text() + "\n";
  if (print) {
    const auto took = std::chrono::round<std::chrono::seconds>(engine.clock().now() - began);
    std::cout << transcript << "\n"
              << result.turns << " turns, " << took.count() << " s of virtual time, ended by "
              << result.reason << "\n";
  }
  return transcript;
}

}  // namespace

int main() try {
  const auto first = talk(7, true);
  const bool repeats = first == talk(7, false);
  const bool differs = first != talk(8, false);
  std::cout << "the same seed " << (repeats ? "repeats" : "does not repeat")
            << " it; another seed gives " << (differs ? "another" : "the same")
            << " conversation\n";
  return repeats && differs ? 0 : 1;
} catch (const scena::Error& error) {
  std::cerr << "scena: " << error.what() << "\n";
  return 1;
}
