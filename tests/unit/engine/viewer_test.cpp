#include <doctest/doctest.h>

#include <future>
#include <mutex>

#include "base/text.hpp"
#include "conformance/stage.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;

namespace {

Config with_own_thread() {
  Config config = scripted();
  config.clock = ClockKind::real;
  config.threads = 1;
  config.providers["model"].options = R"({"replies":["Good morning."],"instant":true})";
  return config;
}

}  // namespace

TEST_CASE(
    "a viewer that comes back after any event of a reply misses nothing and sees nothing twice") {
  for (std::size_t leave_after = 1; leave_after < 24; ++leave_after) {
    Engine engine =
        Engine::open(scripted(R"(["One two three four five six seven eight nine ten."])"));
    Session session = engine.create_session("job-interview");
    Events first = session.events();
    Turn turn = session.send("Count.");
    std::vector<Event> seen;
    Event event;
    while (seen.size() < leave_after && first.next_wait(event)) seen.push_back(event);
    const std::string cursor = first.cursor();
    CHECK(event.cursor().to_string() == cursor);
    first.close();
    Events second = session.events({.after = cursor});
    turn.wait();
    for (const auto& late : drain(engine, second)) seen.push_back(late);
    CHECK(joined_text(seen) == "One two three four five six seven eight nine ten.");
    std::uint64_t seq = 0;
    for (const auto& one : seen) {
      if (one.is_durable()) CHECK(one.seq == ++seq);
    }
    CHECK(seq == session.info().last_seq);
  }
}

TEST_CASE("closing a viewer does not end the reply") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session("job-interview");
  {
    Events events = session.events();
    session.send("Hello.");
  }
  engine.run_until_idle();
  CHECK(session.messages().back().text() == "Good morning.");
}

TEST_CASE(
    "a slow viewer gets merged deltas or lagged with a cursor, and misses nothing when it "
    "reopens") {
  Engine engine =
      Engine::open(scripted(R"(["One two three four five six seven eight nine ten."])"));
  Session session = engine.create_session("job-interview");
  session.start().get();
  Events slow = session.events({.after = "live", .max_events = 4});
  for (int i = 0; i < 3; ++i) session.send_wait("Count.");
  std::vector<Event> seen;
  Event event;
  std::string cursor;
  for (int tries = 0; tries < 50; ++tries) {
    for (const auto& one : drain(engine, slow)) {
      if (one.type != "lagged") seen.push_back(one);
    }
    cursor = slow.cursor();
    if (!slow.ended()) break;
    slow = session.events({.after = cursor, .max_events = 4});
  }
  std::uint64_t expected = seen.front().seq;
  for (const auto& one : seen) {
    if (one.is_durable()) CHECK(one.seq == expected++);
  }
  CHECK(expected - 1 == session.info().last_seq);
}

TEST_CASE("however little room a viewer has, who comes back after each lagged reads all, once") {
  for (const std::size_t room : {1, 400, 4'000, 9'000, 20'000}) {
    CAPTURE(room);
    Engine engine = Engine::open(scripted());
    Session session = engine.create_session("job-interview");
    session.start().get();
    const auto note = [&](std::size_t bytes) {
      session.annotate("note", R"({"text":")" + std::string(bytes, 'x') + R"("})").get();
    };
    for (int i = 0; i < 12; ++i) note(i == 5 ? 30'000 : 5'000);  // one is larger than any room
    std::uint64_t seq = 0;
    Events slow = session.events({.max_bytes = room});
    for (int tries = 0; tries < 100; ++tries) {
      for (const auto& one : drain(engine, slow)) {
        if (one.is_durable()) CHECK(one.seq == ++seq);
      }
      if (!slow.ended() && tries > 2) break;
      if (slow.ended()) slow = session.events({.after = slow.cursor(), .max_bytes = room});
      if (tries > 2) continue;
      for (int i = 0; i < 12; ++i) note(5'000);  // and live, while it does not read
    }
    CHECK(seq == session.info().last_seq);
  }
}

TEST_CASE("a viewer of some types sees these alone, and its cursor is behind what it passed over") {
  Engine engine = Engine::open(scripted(R"(["One two three."])"));
  Session session = engine.create_session("job-interview");
  Events replies = session.events({.types = {"delta", "message.*"}});
  Events ends = session.events({.max_events = 2, .types = {"session.ended"}});
  session.send_wait("Count.");
  const auto seen = drain(engine, replies);
  CHECK(joined_text(seen) == "One two three.");
  std::size_t messages = 0;
  for (const auto& one : seen) {
    CHECK((one.type == "delta" || one.type == "message.stored"));
    messages += one.type == "message.stored" ? 1 : 0;
  }
  CHECK(messages == session.messages().size());
  CHECK(replies.cursor() == std::to_string(session.info().last_seq));
  SUBCASE("one that is too slow for what it does not want is told, too") {
    const auto told = drain(engine, ends);
    REQUIRE(told.size() == 1);
    CHECK(told.front().type == "lagged");
  }
}

TEST_CASE("types that can never be are refused") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session("job-interview");
  for (const char* wrong : {"", "*.finished", "turn finished", "turn.\n"}) {
    CHECK_THROWS_WITH_AS(session.events({.types = {"delta", wrong}}),
                         doctest::Contains("types: each must be an event type"), Error);
  }
  CHECK_NOTHROW(session.events({.types = {"*"}}));
}

TEST_CASE("a participant sees no whisper that does not name it, and no metrics") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session("job-interview");
  session.start().get();
  std::string human, other;
  for (const auto& participant : session.info().participants)
    (participant.is_human ? human : other) = participant.id;
  session.join({.id = "guest", .name = "Guest", .is_human = true}).get();
  Events guest = session.events({.participant = "guest"});
  SendOptions whisper;
  whisper.participant = human;
  whisper.audience = {Audience::Kind::named, {other}};
  session.send_wait("Just between us.", whisper);
  SendOptions aloud;
  aloud.participant = human;
  session.send_wait("For everybody.", aloud);
  std::string heard;
  for (const auto& event : drain(engine, guest)) {
    heard += event.data;
    CHECK(event.type != "metrics.stored");
    CHECK(event.type != "metrics.live");
  }
  CHECK(heard.find("Just between us") == std::string::npos);
  CHECK(heard.find("For everybody") != std::string::npos);
}

TEST_CASE("a viewer of nobody is refused before the session is stored, too") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session("job-interview");
  const auto watch_as = [&](std::string participant) {
    session.events({.participant = std::move(participant)});
  };
  CHECK_THROWS_WITH_AS(watch_as("nobody"), doctest::Contains("participant: nobody of the id"),
                       Error);
  CHECK_NOTHROW(watch_as("candidate"));
  engine.run_until_idle();
  CHECK_THROWS_WITH_AS(watch_as("nobody"), doctest::Contains("participant: nobody of the id"),
                       Error);
  CHECK_NOTHROW(watch_as("candidate"));
}

TEST_CASE("a preset that is misspelt is told with the nearest") {
  Engine engine = Engine::open(scripted());
  CHECK_THROWS_WITH_AS(
      engine.create_session("job-interviw"),
      doctest::Contains("there is no \"job-interviw\"; did you mean "
                        "\"job-interview\"? Else list them with presets(), built in "
                        "are angry-customer"),
      Error);
  CHECK_THROWS_WITH_AS(engine.create_session("mine"), doctest::Contains("list them with presets()"),
                       Error);
}

TEST_CASE("who has left receives nothing further") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session("job-interview");
  session.start().get();
  std::string human;
  for (const auto& participant : session.info().participants) {
    if (participant.is_human) human = participant.id;
  }
  session.join({.id = "guest", .name = "Guest", .is_human = true}).get();
  Events guest = session.events({.participant = "guest"});
  drain(engine, guest);
  session.leave("guest").get();
  SendOptions options;
  options.participant = human;
  session.send_wait("Is the guest gone?", options);
  std::string heard;
  for (const auto& event : drain(engine, guest)) heard += event.data;
  CHECK(heard.find("Is the guest gone") == std::string::npos);
  CHECK(guest.ended());
}

TEST_CASE("a participant's viewer may come before anything of the session is stored") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session(conformance::two_in_a_room());
  Events events = session.events({.participant = "guest"});
  engine.poll(0us);
  engine.poll(0us);
  session.send_wait("Hello.", {.participant = "guest"});
  const auto seen = drain(engine, events);
  CHECK(seen.size() > 5);
  CHECK_FALSE(events.ended());
}

TEST_CASE("who has left before his viewer had joined receives nothing further, either") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session(conformance::two_in_a_room());
  session.join({.id = "eve", .name = "Eve", .is_human = true}).get();
  for (int i = 0; i < 9; ++i) session.send_wait("Hello Eve.", {.participant = "guest"});
  Events eve = session.events({.participant = "eve", .max_bytes = 400});
  Event first;
  REQUIRE(eve.next_wait(first));  // the log comes page by page as she reads
  session.leave("eve").get();
  std::string heard;
  for (int i = 0; i < 3; ++i) {
    for (const auto& event : drain(engine, eve)) heard += event.data;
    session.send_wait("Is she gone?", {.participant = "guest"});
  }
  CHECK(heard.find("Is she gone") == std::string::npos);
  CHECK(eve.ended());
}

TEST_CASE("who comes back perceives nothing of what was said while he was away") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session(conformance::two_in_a_room());
  session.join({.id = "eve", .name = "Eve", .is_human = true, .subject = "u1"}).get();
  session.send_wait("Hello Eve.", {.participant = "guest"});
  session.leave("eve").get();
  session.send_wait("Is she gone?", {.participant = "guest"});
  session.join({.id = "eve", .name = "Eve", .is_human = true, .subject = "u1"}).get();
  session.send_wait("Welcome back.", {.participant = "guest"});
  Engine of_eve = engine.as({.subject = "u1", .roles = {"participant"}});
  Events events = session.events({.participant = "eve"});
  std::string seen;
  for (const auto& event : drain(engine, events)) seen += event.data;
  std::string listed;
  for (const auto& message : of_eve.session(session.id()).messages(true)) listed += message.text();
  for (const std::string& view :
       {seen, listed, of_eve.export_session(session.id(), ExportFormat::jsonl),
        of_eve.export_session(session.id(), ExportFormat::markdown)}) {
    CAPTURE(view);
    CHECK(view.find("Hello Eve") != std::string::npos);
    CHECK(view.find("Is she gone") == std::string::npos);
    CHECK(view.find("Welcome back") != std::string::npos);
  }
  const std::string whole = engine.export_session(session.id(), ExportFormat::jsonl);
  CHECK(whole.find("Is she gone") != std::string::npos);
}

TEST_CASE("what somebody missed in a fork hides nothing of the same number in what was forked") {
  Engine engine = Engine::open(scripted());
  Session first = engine.create_session(conformance::two_in_a_room());
  first.join({.id = "eve", .name = "Eve", .is_human = true, .subject = "u1"}).get();
  const auto say = [](Session& session, const std::string& text) {
    session.send_wait(text, {.participant = "guest", .reply = false});  // takes no time
  };
  for (int i = 0; i < 9; ++i) say(first, "Heard " + std::to_string(i) + ".");
  Session second = first.fork().get();
  second.annotate("note", "{}").get();  // messages have the numbers that those of `first` have
  second.leave("eve").get();
  for (int i = 0; i < 9; ++i) say(second, "Missed.");
  second.join({.id = "eve", .name = "Eve", .is_human = true, .subject = "u1"}).get();
  Session third = second.fork().get();
  Engine of_eve = engine.as({.subject = "u1", .roles = {"participant"}});
  const std::string view = of_eve.export_session(third.id(), ExportFormat::jsonl);
  for (int i = 0; i < 9; ++i) CHECK(view.find("Heard " + std::to_string(i)) != std::string::npos);
  CHECK(view.find("Missed") == std::string::npos);
}

TEST_CASE("with engine threads a waiting reader gets every event once") {
  for (int round = 0; round < 20; ++round) {
    Engine engine = Engine::open(with_own_thread());
    Session session = engine.create_session("job-interview");
    Events events = session.events();
    session.send("Hello.");
    std::string text;
    std::uint64_t seq = 0;
    Event event;
    while (event.type != "turn.finished") {
      REQUIRE(events.next_wait(event, std::chrono::seconds(20)));
      if (event.is_durable()) CHECK(event.seq == ++seq);
      if (event.type == "delta") text += event.text;
    }
    CHECK(text == "Good morning.");
  }
}

TEST_CASE("who waited for an event leaves the host's callback in its place") {
  std::promise<void> called;
  std::once_flag once;
  Engine engine = Engine::open(with_own_thread());
  Session session = engine.create_session("job-interview");
  Events events = session.events();
  Event event;
  session.send("Hello");
  while (event.type != "turn.finished") REQUIRE(events.next_wait(event, std::chrono::seconds(30)));
  events.on_ready([&] { std::call_once(once, [&] { called.set_value(); }); });
  events.next_wait(event, std::chrono::milliseconds(1));
  session.send("Hello");
  CHECK(called.get_future().wait_for(std::chrono::seconds(30)) == std::future_status::ready);
  CHECK(events.next_wait(event, std::chrono::seconds(30)));  // and is still woken itself
  events.close();
}

TEST_CASE("all viewers of a session see the same events in the same order under the same numbers") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session("job-interview");
  Events early = session.events();
  Events batches = session.events({.batches = true});
  session.send_wait("Hello.");
  session.regenerate().wait();
  Events late = session.events();
  session.pause().get();
  const auto durable = [&](Events& events) {
    std::vector<std::string> lines;
    for (const auto& event : drain(engine, events)) {
      if (event.is_durable()) lines.push_back(event.to_json());
    }
    return lines;
  };
  const auto first = durable(early);
  CHECK(first.size() == session.info().last_seq);
  CHECK(durable(batches) == first);
  CHECK(durable(late) == first);
}

TEST_CASE("the offset of a cursor counts for the reply it was given in, and for no later one") {
  Engine engine = Engine::open(scripted(R"(["One two three four.","Five six seven eight."])"));
  Session session = engine.create_session("job-interview");
  Events first = session.events();
  const Turn one = session.send("Count.");
  std::string heard;
  Event event;
  while (heard.size() < 8) {
    REQUIRE(first.next_wait(event));
    if (event.type == "delta") heard += event.text;
  }
  const std::string cursor = first.cursor();
  REQUIRE(cursor.find('.') != std::string::npos);
  first.close();
  one.wait();
  const Turn two = session.send("Go on.");
  Events watch = session.events({.after = "live"});
  for (std::string text; text.size() < 12;) {
    REQUIRE(watch.next_wait(event));
    if (event.type == "delta") text += event.text;
  }
  REQUIRE_FALSE(two.done());
  Events back = session.events({.after = cursor});
  two.wait();
  CHECK(joined_text(drain(engine, back)) == "Five six seven eight.");
}

TEST_CASE("a viewer from now on gets nothing of the text that stands already") {
  Engine engine = Engine::open(scripted(R"(["One two three four five six seven."])"));
  Session session = engine.create_session("job-interview");
  Events whole = session.events();
  const Turn turn = session.send("Count.");
  std::string before;
  Event event;
  while (before.size() < 10) {
    REQUIRE(whole.next_wait(event));
    if (event.type == "delta") before += event.text;
  }
  Events late = session.events({.after = "live"});
  turn.wait();
  const auto seen = drain(engine, late);
  const std::string after = joined_text(seen);
  CHECK(before + after == "One two three four five six seven.");
  REQUIRE_FALSE(seen.empty());
  CHECK(seen.front().off.value_or(0) >= before.size());
}

TEST_CASE("a cursor that points into a character gets that character whole, never half of it") {
  Engine engine = Engine::open(scripted(R"(["äöü äöü äöü äöü."])"));
  Session session = engine.create_session("job-interview");
  Events events = session.events();
  const Turn turn = session.send("Hello.");
  Event event;
  while (event.type != "delta" || event.off.value_or(0) + event.text.size() < 8)
    REQUIRE(events.next_wait(event));
  const auto seq = event.seq;
  for (std::uint64_t offset = 0; offset < 8; ++offset) {
    const std::string after = std::to_string(seq) + "." + std::to_string(offset);
    Events other = session.events({.after = after});
    engine.poll();
    Event found;
    REQUIRE(other.next(found));
    REQUIRE(found.type == "delta");
    CHECK(is_valid_utf8(found.text));
    CHECK(*found.off <= offset);
    CHECK(*found.off + 1 >= offset);
  }
  CHECK(turn.wait().outcome == Outcome::complete);
}

TEST_CASE("a viewer that goes, a stop, and a viewer that returns are three different things") {
  Engine engine =
      Engine::open(scripted(R"(["One two three four five six seven eight nine ten."])"));
  Session session = engine.create_session("job-interview");
  std::optional<Events> tab = session.events();
  const Turn turn = session.send("Count.");
  Event event;
  std::string text, cursor;
  std::uint64_t seq = 0;
  const auto read = [&](const Event& one) {
    if (one.is_durable()) CHECK(one.seq == ++seq);
    if (one.type == "delta") text += one.text;
  };
  while (text.size() < 10) {
    REQUIRE(tab->next_wait(event));
    read(event);
  }
  cursor = tab->cursor();
  tab.reset();  // the tab is closed: the run goes on
  engine.advance(std::chrono::milliseconds(100));
  CHECK_FALSE(turn.done());
  tab = session.events({.after = cursor});  // and is opened again: exactly what was missed
  engine.advance(std::chrono::milliseconds(100));
  while (tab->next(event)) read(event);
  CHECK(text.size() > 10);
  CHECK_FALSE(turn.done());
  session.cancel();  // stop: the run ends within one poll, the partial text is stored
  engine.poll();
  REQUIRE(turn.done());
  while (tab->next(event)) read(event);
  CHECK(event.type == "turn.finished");
  CHECK(turn.wait().outcome == Outcome::cancelled);
  CHECK(turn.wait().text == text);
  CHECK(session.messages().back().text() == text);
  CHECK(seq == session.info().last_seq);
}
