#pragma once

#include <scena/engine.hpp>
#include <string>
#include <vector>

namespace scena::test {

/// An engine on the virtual clock whose model says the given lines in order.
inline Config scripted(
    const std::string& replies = R"(["Good morning.","And why do you want this position?"])") {
  Config config;
  config.clock = ClockKind::virtual_time;
  config.seed = 7;
  config.providers["model"] = {.url = "script:", .options = "{\"replies\":" + replies + "}"};
  config.provider = "model";
  return config;
}

/// Everything a viewer has waiting.
inline std::vector<Event> drain(Engine& engine, Events& events) {
  engine.run_until_idle();
  engine.poll();
  std::vector<Event> all;
  Event event;
  for (;;) {
    while (events.next(event)) all.push_back(event);
    engine.poll();
    if (!events.next(event)) break;
    all.push_back(event);
  }
  return all;
}

inline std::string joined_text(const std::vector<Event>& events) {
  std::string text;
  for (const auto& event : events) {
    if (event.type == "delta") text += event.text;
  }
  return text;
}

inline std::vector<std::string> durable_types(const std::vector<Event>& events) {
  std::vector<std::string> types;
  for (const auto& event : events) {
    if (event.is_durable()) types.push_back(event.type);
  }
  return types;
}

template <class Call>
ErrorCode code_of(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::ok;
}

}  // namespace scena::test
