// The smallest program: one engine, one session, one message, and the reply as it comes.
//
// No key, no network and no thread: the built-in presets bring scripts that answer offline.
#include <iostream>
#include <scena/engine.hpp>

int main() try {
  auto engine = scena::Engine::open();
  auto session = engine.create_session("job-interview", {.owner = "ann"});
  // Runs the engine's loop while it waits, and throws what the message is refused with.
  session.send_wait("Good morning. I rebuilt the scheduler of our warehouse robots.", {},
                    {.text = [](std::string_view piece) { std::cout << piece << std::flush; }});
  std::cout << "\n\nThe transcript so far:\n";
  for (const auto& message : session.messages())
    std::cout << "  " << message.speaker << ": " << message.text() << "\n";
  return 0;
} catch (const scena::Error& error) {
  std::cerr << "scena: " << error.what() << "\n";
  return 1;
}
