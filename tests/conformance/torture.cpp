#include <cstdio>
#include <filesystem>
#include <new>
#include <scena/engine.hpp>

#include "conformance/stage.hpp"
#include "conformance/subcommands.hpp"
#include "storage/registry.hpp"

namespace scena::conformance {
namespace {

using namespace std::chrono_literals;

// On the virtual clock a turn that nobody will end shows as this time-out, not as a hang.
constexpr auto kLongest = 4s;

Config configuration(const std::string& folder) {
  Config config;
  config.clock = ClockKind::virtual_time;
  config.seed = 7;
  config.providers["model"] = {.url = "script:",
                               .options = R"({"replies":["One two three four five six."]})"};
  config.provider = "model";
  config.prices["*"] = {.input = Money{3'000'000'000'000}, .output = Money{15'000'000'000'000}};
  if (!folder.empty()) config.storage = store_url(folder);
  return config;
}

/// True for what an engine may answer when memory, files or sockets fail under it: never that it
/// does not know, and never silence.
bool is_honest(const Error& error) {
  std::fprintf(stderr, "reported: %s: %s\n", to_string(error.code()), error.what());
  return error.code() != ErrorCode::timeout && error.code() != ErrorCode::internal;
}

// An end without its answer must come with an error.
void finish(const Turn& turn) {
  const auto result = turn.wait(kLongest);
  if (result.outcome != Outcome::complete && !result.error) {
    throw Error(ErrorCode::internal, "a turn ended without its answer and without an error");
  }
}

void read_all(Events& events) {
  Event event;
  while (events.next(event)) {
  }
}

void whole_life(const std::string& folder) {
  Engine engine = Engine::open(configuration(folder));
  Session session = engine.create_session(two_in_a_room());
  Events events = session.events();
  finish(session.send("Hello."));
  read_all(events);
  Turn second = session.send("And now?");
  second.wait_accepted(kLongest);
  second.cancel();
  (void)second.wait(kLongest);
  (void)session.ask_aside("host", "What do you think of the guest?").get(kLongest);
  finish(session.edit(session.messages().front().id, "Good morning."));
  Session fork = session.fork().get(kLongest);
  finish(fork.send("In another life?"));
  read_all(events);
  session.complete().get(kLongest);
  (void)fork.ask_aside("host", "And of the room?");
  engine.poll();
  engine.close();  // before it is answered
}

int live(const std::string& folder) {
  try {
    whole_life(folder);
    return 0;
  } catch (const Error& error) {
    return is_honest(error) ? 0 : 3;
  } catch (const std::bad_alloc&) {
    std::fputs("reported: out of memory\n", stderr);
    return 0;
  } catch (const std::exception& other) {
    std::fprintf(stderr, "another exception: %s\n", other.what());
    return 4;
  }
}

void check_session(Engine& engine, const std::string& id) {
  Session session = engine.session(id);
  engine.run_until_idle();
  (void)session.state_json();
  if (!engine.rebuild(id))
    throw Error(ErrorCode::storage_corrupt, "a session's record differs from its events");
}

}  // namespace

int run_torture(const std::string& folder) {
  return live(folder);
}

int run_store_check(const std::string& folder) {
  try {
    // A run whose first call failed leaves a folder without a store, which opens as an empty one; a
    // folder that is not there was never run in.
    if (!std::filesystem::is_directory(folder))
      throw Error(ErrorCode::not_found, folder + " is no folder; give that of torture-store");
    {
      auto store = open_storage({.url = store_url(folder)}).value_or_throw();
      store->check().value_or_throw();
    }
    Engine engine = Engine::open(configuration(folder));
    for (Page page = engine.sessions();;
         page = engine.sessions({.after = page.next, .limit = 50, .state = {}})) {
      for (const auto& info : page.sessions) check_session(engine, info.id);
      if (page.next.empty()) return 0;
    }
  } catch (const Error& error) {
    std::fprintf(stderr, "store-check: %s: %s\n", to_string(error.code()), error.what());
    return 1;
  }
}

}  // namespace scena::conformance
