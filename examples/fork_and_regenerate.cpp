// What if? A second answer to the same question, and a fork that takes the conversation elsewhere.
// Nothing is erased: the first answer stays as an alternative, the first session stays as it was.
#include <iostream>
#include <scena/engine.hpp>

namespace {

void print(const char* title, const scena::Session& session) {
  std::cout << "\n" << title << "\n";
  for (const auto& message : session.messages())
    std::cout << "  " << message.speaker << ": " << message.text() << "\n";
}

}  // namespace

int main() try {
  scena::Config config;
  config.clock = scena::ClockKind::virtual_time;
  config.seed = 7;
  auto engine = scena::Engine::open(config);
  auto session = engine.create_session("police-interrogation");

  const auto first = session.send_wait("Where were you at ten last night?");
  const auto second = session.regenerate().wait();
  const auto answers = session.alternatives(second.message);
  print("The interrogation, with its second answer:", session);

  session.choose(first.message).get();
  auto fork = session.fork().get();
  session.send_wait("That does not fit what the camera saw.");
  fork.send_wait("Let us talk about your brother instead.");
  print("One way to go on:", session);
  print("The other, in a fork that shares everything before:", fork);

  const bool kept = answers.size() == 2 && first.text != second.text;
  return kept && session.messages().size() == fork.messages().size() ? 0 : 1;
} catch (const scena::Error& error) {
  std::cerr << "scena: " << error.what() << "\n";
  return 1;
}
