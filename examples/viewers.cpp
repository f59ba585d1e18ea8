// Two viewers of one session. One loses its connection in the middle of a reply and comes back with
// the cursor of its reader: no byte is missing, none comes twice. (When the reply ended meanwhile,
// the whole text comes as `message.stored` instead.)
#include <iostream>
#include <scena/engine.hpp>

namespace {

/// Reads into `text` until the turn ends (true) or `enough` bytes of it were seen (false).
bool read(scena::Events& events, std::string& text, std::size_t enough = std::string::npos) {
  scena::Event event;
  while (text.size() < enough && events.next_wait(event)) {
    if (event.type == "delta") text += event.text;
    if (event.type == "turn.finished") return true;
  }
  return false;
}

}  // namespace

int main() try {
  scena::Config config;
  config.clock = scena::ClockKind::virtual_time;
  auto engine = scena::Engine::open(config);
  auto session = engine.create_session("salary-negotiation");
  auto steady = session.events();
  session.send("I would like to talk about my pay.");

  std::string all, part, cursor;
  {
    auto mobile = session.events();
    read(mobile, part, 20);
    cursor = mobile.cursor();  // which knows how much of the reply was read, too
  }  // gone; the reply goes on, since it belongs to the session and not to a viewer
  const auto seen = part.size();
  auto again = session.events({.after = cursor});
  read(again, part);
  read(steady, all);
  std::cout << "before the cut:   " << part.substr(0, seen) << "\n";
  std::cout << "after the resume: " << part.substr(seen) << "\n";
  std::cout << (part == all ? "both viewers have the same text\n" : "the texts differ\n");
  return part == all ? 0 : 1;
} catch (const scena::Error& error) {
  std::cerr << "scena: " << error.what() << "\n";
  return 1;
}
