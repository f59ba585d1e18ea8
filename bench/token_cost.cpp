// token_cost TURNS [json]: reads scripted replies, each token a delta of its own, on the virtual
// clock, and prints tokens and microseconds a token. token_cost.py does the same in C and Python
// and compares. With `json` each event is also written as JSON, with its cursor, as C hands it out.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <scena/engine.hpp>
#include <string>

int main(int argc, char** argv) {
  const int turns = argc > 1 ? std::atoi(argv[1]) : 200;
  const bool as_json = argc > 2 && std::string(argv[2]) == "json";
  std::string words, json, cursor;
  for (int i = 0; i < 400; ++i) words += "word" + std::to_string(i) + " ";
  scena::Config config;
  config.clock = scena::ClockKind::virtual_time;
  config.seed = 7;
  config.live_metrics = false;
  config.provider = "model";
  config.providers["model"] = {
      .url = "script:",
      .options = R"({"delay_ms": 1, "token_ms": 1, "replies": [")" + words + "\"]}"};
  auto engine = scena::Engine::open(config);

  std::size_t deltas = 0;
  scena::Event event;
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < turns; ++i) {
    auto session = engine.create_session("job-interview");
    auto events = session.events({.after = "live", .batches = true});
    session.send("Hello");
    while (events.next_wait(event) && event.type != "turn.finished") {
      if (event.type == "delta") ++deltas;
      if (!as_json) continue;
      json.clear();
      event.write_json(json);
      cursor = event.cursor().to_string();
    }
  }
  const double took =
      std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - began).count();
  std::printf("%zu %.3f\n", deltas, took / static_cast<double>(deltas));
  return 0;
}
