// A whole session with `memory:` and `script:`; quiet_test.py watches which system calls it makes
// once the engine is there.

#include <unistd.h>

#include <scena/engine.hpp>

#include "conformance/stage.hpp"

using namespace scena;

int main() {
  Config config;
  config.storage = "memory:";
  config.provider = "script:";
  config.clock = ClockKind::virtual_time;
  Engine engine = Engine::open(config);
  constexpr char kOpen[] = "the engine is open\n";
  if (::write(STDERR_FILENO, kOpen, sizeof kOpen - 1) < 0) return 2;
  Session session = engine.create_session(conformance::two_in_a_room());
  Events events = session.events();
  if (session.send_wait("Hello.").outcome != Outcome::complete) return 1;
  (void)session.ask_aside("host", "What do you think?").get();
  Turn cancelled = session.send("And now?");
  cancelled.wait_accepted();
  cancelled.cancel();
  (void)cancelled.wait();
  (void)session.fork().get();
  (void)engine.export_session(session.id(), ExportFormat::json);
  session.complete().get();
  engine.close();
  return 0;
}
