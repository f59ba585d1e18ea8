#include <iostream>
#include <scena/engine.hpp>

int main() {
  scena::Config config;
  config.clock = scena::ClockKind::virtual_time;
  auto engine = scena::Engine::open(config);
  auto session = engine.create_session("job-interview");
  std::cout << session.send_wait("Good morning.").text << "\n";
}
