// The smallest host: one turn on the engine's defaults, offline; prints the turn's outcome.
#include <cstdio>
#include <scena/engine.hpp>

int main() {
  auto engine = scena::Engine::open();
  auto session = engine.create_session("job-interview");
  const auto reply = session.send_wait("Good morning!");
  if (reply.outcome != scena::Outcome::complete || reply.text.empty()) return 1;
  std::puts("complete");
}
