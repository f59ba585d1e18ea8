#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>

#include "faults/fault_fixture.hpp"
#include "support/temp_folder.hpp"

using namespace scena;
using namespace scena::test;

namespace {

bool in_forked_child = false;

}  // namespace

// LeakSanitizer, where it is linked in, asks at the end of a process. In a child of fork() it
// cannot see what the parent's other threads hold.
extern "C" int __lsan_is_turned_off() {
  return in_forked_child ? 1 : 0;
}

namespace {

/// Runs `work` in a child process and returns the status it ended with; -1 for a signal.
template <class Work>
int in_child(Work&& work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// The same for a child that ends as programs do: it returns, and what is static is destroyed.
template <class Work>
int in_returning_child(Work&& work) {
  return in_child([&]() -> int {
    in_forked_child = true;
    ::alarm(30);  // a child that hangs ends by its signal
    std::exit(work());
  });
}

}  // namespace

TEST_CASE("after fork() the child is told not to use the engine, and the parent goes on") {
  TempFolder folder;
  Config config = scripted();
  config.storage = "sqlite:" + folder.file("a.db");
  Engine engine = Engine::open(config);
  Session session = open_stage(engine);
  session.send_wait("Hello.");
  const int wrong = in_child([&] {
    int answered = 0;
    answered += code_of([&] { session.send_wait("Me too?"); }) != ErrorCode::wrong_state;
    answered += code_of([&] { engine.poll(); }) != ErrorCode::wrong_state;
    answered += code_of([&] { engine.create_session("job-interview"); }) != ErrorCode::wrong_state;
    answered += code_of([&] { (void)engine.session(session.id()); }) != ErrorCode::wrong_state;
    engine.close();
    return answered;
  });
  CHECK(wrong == 0);
  CHECK(session.send_wait("Still there?").outcome == Outcome::complete);
}

TEST_CASE("a wait in a child of fork() is refused, also on an engine with threads") {
  for (const int threads : {0, 2}) {
    CAPTURE(threads);
    Config config = scripted();
    config.clock = ClockKind::real;
    config.threads = threads;
    config.providers["model"].options = R"({"replies":["Later."],"delay_ms":600000})";
    Engine engine = Engine::open(config);
    Session session = open_stage(engine);
    Events events = session.events();
    const Turn turn = session.send("Hello.");
    turn.wait_accepted();
    const int wrong = in_child([&] {
      ::alarm(30);  // a child that hangs ends by its signal
      int answered = 0;
      answered += code_of([&] { turn.wait(); }) != ErrorCode::wrong_state;
      answered += code_of([&] { session.pause().get(); }) != ErrorCode::wrong_state;
      answered += code_of([&] { engine.run_until_idle(); }) != ErrorCode::wrong_state;
      answered += code_of([&] {
                    for (Event event; events.next_wait(event);) {
                    }
                  }) != ErrorCode::wrong_state;
      return answered;
    });
    CHECK(wrong == 0);
    CHECK(code_of([&] { turn.wait(std::chrono::milliseconds(1)); }) == ErrorCode::timeout);
  }
}

TEST_CASE("a child of fork() that lets go of the parent's engine in any order ends normally") {
  for (const int threads : {0, 2}) {
    for (const bool on_disk : {false, true}) {
      for (const bool engine_first : {false, true}) {
        CAPTURE(threads);
        CAPTURE(on_disk);
        CAPTURE(engine_first);
        TempFolder folder;
        Config config = scripted();
        config.clock = ClockKind::real;
        config.providers["model"].options = R"({"replies":["Good morning."],"instant":true})";
        config.threads = threads;
        if (on_disk) config.storage = "sqlite:" + folder.file("a.db");
        std::optional<Engine> engine = Engine::open(config);
        std::optional<Session> session = open_stage(*engine);
        std::optional<Events> events = session->events();
        std::optional<Turn> turn = session->send("Hello.");
        turn->wait();
        const int status = in_returning_child([&] {
          if (engine_first) engine.reset();
          turn->cancel();
          turn.reset();
          events.reset();
          session.reset();
          engine.reset();
          return 7;
        });
        CHECK(status == 7);
        CHECK(session->send_wait("Still there?").outcome == Outcome::complete);
      }
    }
  }
}

TEST_CASE("a child of fork() may open an engine of its own") {
  Engine engine = Engine::open(scripted());
  open_stage(engine).send_wait("Hello.");
  CHECK(in_child([] {
          Engine own = Engine::open(scripted());
          return open_stage(own).send_wait("Hello.").outcome == Outcome::complete ? 0 : 1;
        }) == 0);
}

TEST_CASE("a process that exits without closing its engine ends without a crash") {
  for (const int threads : {0, 2}) {
    CAPTURE(threads);
    const int status = in_child([&]() -> int {
      Config config = scripted();
      config.clock = ClockKind::real;
      config.threads = threads;
      static Engine engine = Engine::open(config);
      static Session session = open_stage(engine);
      static Turn turn = session.send("Hello.");
      turn.wait_accepted();
      std::exit(7);
    });
    CHECK(status == 7);
  }
}

TEST_CASE("two engines in one process do not know of each other") {
  Engine one = Engine::open(scripted(R"(["I am one."])"));
  Engine two = Engine::open(scripted(R"(["I am two."])"));
  SessionOptions same;
  same.id = "same-id";
  Session first = one.create_session("job-interview", same);
  Session second = two.create_session("job-interview", same);
  CHECK(first.send_wait("Who?").text == "I am one.");
  CHECK(second.send_wait("Who?").text == "I am two.");
  one.close();
  CHECK(code_of([&] { first.send_wait("Who?"); }) == ErrorCode::closed);
  CHECK(second.send_wait("Who?").text == "I am two.");
}

TEST_CASE("handles that outlive their engine say that it is closed") {
  std::optional<Engine> engine = Engine::open(scripted());
  Session session = open_stage(*engine);
  Events events = session.events();
  Turn turn = session.send("Hello.");
  turn.wait();
  engine.reset();
  CHECK(code_of([&] { session.send_wait("Anyone?"); }) == ErrorCode::closed);
  CHECK(code_of([&] { session.pause().get(); }) == ErrorCode::closed);
  CHECK(turn.wait().outcome == Outcome::complete);
  Event event;
  while (events.next(event)) {
  }
  CHECK(events.ended());
}
