// A whole conversation with `memory:` and `script:`, for the trace of its system calls. Says on
// standard error when the engine stands and when the conversation is over.
#include <unistd.h>

#include <cstring>
#include <scena/engine.hpp>

namespace {

void mark(const char* word) {
  if (::write(2, word, std::strlen(word)) < 0) ::_exit(3);
}

}  // namespace

int main() {
  scena::Config config;
  config.providers["model"] = {
      .url = "script:", .options = R"({"replies":["Good morning.","Go on."],"instant":true})"};
  config.provider = "model";
  scena::Engine engine = scena::Engine::open(config);
  mark("the engine stands\n");
  scena::Session session = engine.create_session("job-interview");
  scena::Events events = session.events();
  session.send_wait("Hello.");
  session.regenerate().wait();
  session.send_wait("I have ten years of experience.");
  session.ask_aside(session.messages().back().speaker, "What do you think?").get();
  scena::Session fork = session.fork().get();
  fork.send_wait("Another way.");
  scena::Event event;
  int seen = 0;
  while (events.next(event)) ++seen;
  const std::string exported = engine.export_session(session.id(), scena::ExportFormat::json);
  (void)session.explain(session.messages().back().id);
  session.complete().get();
  engine.close();
  mark("the conversation is over\n");
  return seen > 10 && !exported.empty() ? 0 : 1;
}
