#include <doctest/doctest.h>

#include <chrono>

#include "conformance/stage.hpp"
#include "support/temp_folder.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

Principal user(const std::string& subject) {
  Principal principal;
  principal.subject = subject;
  return principal;
}

std::string heard(Engine& engine, Events& events) {
  std::string all;
  for (const auto& event : drain(engine, events)) all += event.data;
  return all;
}

}  // namespace

TEST_CASE("an owner, a participant and a stranger: what each may do and see") {
  Engine engine = Engine::open(scripted(R"(["One.","Two.","Three.","Four."])"));
  Session session = engine.create_session(conformance::two_in_a_room(), {.owner = "ann"});
  session.join({.id = "ben", .name = "Ben", .is_human = true, .subject = "ben"}).get();
  Session ann = engine.as(user("ann")).session(session.id());
  Session ben = engine.as(user("ben")).session(session.id());
  CHECK(code_of([&] { engine.as(user("cyd")).session(session.id()); }) == ErrorCode::not_found);

  // Both speak for themselves alone; nobody but the host speaks for a character.
  CHECK(ann.send_wait("I am Ann.").outcome == Outcome::complete);
  CHECK(session.messages()[0].speaker == "guest");
  CHECK(ben.send_wait("I am Ben.").outcome == Outcome::complete);
  CHECK(session.messages()[2].speaker == "ben");
  for (const char* other : {"guest", "host"}) {
    CHECK(code_of([&] { ben.send_wait("Not me.", {.participant = other}); }) ==
          ErrorCode::permission_denied);
  }
  CHECK(code_of([&] { ann.send_wait("Not me.", {.participant = "host"}); }) ==
        ErrorCode::permission_denied);
  CHECK(code_of([&] { ben.edit("m1", "Not mine.").wait(); }) == ErrorCode::permission_denied);
  // A participant plays; the owner also rules; only the host does the rest.
  CHECK(ben.regenerate().wait().outcome == Outcome::complete);
  CHECK(ben.choose("m4").wait().has_value());
  CHECK_FALSE(session.send_wait("The host speaks.", {.participant = "host", .reply = false})
                  .message.empty());
  CHECK(code_of([&] { ben.pause().get(); }) == ErrorCode::permission_denied);
  CHECK(code_of([&] { ben.remove().get(); }) == ErrorCode::permission_denied);
  CHECK(code_of([&] { ben.state_json(); }) == ErrorCode::permission_denied);
  CHECK(ann.pause().get().state == SessionState::paused);
  CHECK(ann.resume().get().state == SessionState::active);
  CHECK(ann.update({.title = "Mine"}).get().title == "Mine");
  CHECK(code_of([&] { ann.annotate("note", "{}").get(); }) == ErrorCode::permission_denied);
  CHECK(code_of([&] { ann.fail().get(); }) == ErrorCode::permission_denied);
  CHECK(code_of([&] { (void)ann.explain("m2"); }) == ErrorCode::permission_denied);
  CHECK(code_of([&] { (void)ann.analysis(); }) == ErrorCode::permission_denied);
  CHECK(code_of([&] { ben.events({.participant = "guest"}); }) == ErrorCode::permission_denied);
}

TEST_CASE(
    "an analysis is asked for and read by the host alone: an owner neither pays nor sees it") {
  Config config = scripted();
  config.analysis.on_completion = false;
  Engine engine = Engine::open(config);
  Session session = engine.create_session(conformance::two_in_a_room(), {.owner = "ann"});
  session.join({.id = "ben", .name = "Ben", .is_human = true, .subject = "ben"}).get();
  session.send_wait("Hello.", {.participant = "guest"});
  session.complete().get();
  for (const char* subject : {"ann", "ben"}) {
    Session theirs = engine.as(user(subject)).session(session.id());
    CHECK(code_of([&] { theirs.analyze().get(); }) == ErrorCode::permission_denied);
    CHECK(code_of([&] { (void)theirs.analysis(); }) == ErrorCode::permission_denied);
  }
  engine.run_until_idle();
  CHECK(code_of([&] { (void)session.analysis(); }) == ErrorCode::not_found);
  session.analyze().get();
  engine.run_until_idle();
  CHECK(session.analysis().source == "offline");
}

TEST_CASE("tenants never see each other, also with ids and names that could run into one another") {
  Engine engine = Engine::open(scripted());
  Engine one = engine.as(Principal::host("a"));
  Engine two = engine.as(Principal::host("a/b"));
  Session first = one.create_session("job-interview", {.id = "c"});
  Session second = two.create_session("job-interview", {.id = "c"});
  first.start().get();
  CHECK(second.state() == SessionState::pending);
  CHECK(code_of([&] { one.create_session("job-interview", {.id = "b/c"}); }) ==
        ErrorCode::invalid_argument);
  CHECK(code_of([&] { engine.session("c"); }) == ErrorCode::not_found);
  CHECK(one.sessions().sessions.size() == 1);
}

TEST_CASE("who has left gets nothing more: no open viewer, no new one, no reading, no speaking") {
  Engine engine = Engine::open(scripted(R"(["One.","Two."])"));
  Session session = engine.create_session(conformance::two_in_a_room(), {.owner = "ann"});
  session.join({.id = "ben", .name = "Ben", .is_human = true, .subject = "ben"}).get();
  session.send_wait("Ben is here.", {.participant = "guest"});
  Session ben = engine.as(user("ben")).session(session.id());
  Events open = ben.events();
  CHECK(heard(engine, open).find("Ben is here") != std::string::npos);
  const std::string cursor = open.cursor();
  session.leave("ben").get();
  session.send_wait("Ben has gone.", {.participant = "guest"});
  CHECK(heard(engine, open).find("Ben has gone") == std::string::npos);
  CHECK(open.ended());
  CHECK(code_of([&] { ben.events({.after = cursor}); }) == ErrorCode::permission_denied);
  CHECK(code_of([&] { (void)ben.messages(); }) == ErrorCode::permission_denied);
  CHECK(code_of([&] { ben.send_wait("I am back."); }) == ErrorCode::permission_denied);
  CHECK(code_of([&] { session.events({.participant = "ben"}); }) == ErrorCode::permission_denied);
  session.join({.id = "ben", .name = "Ben", .is_human = true, .subject = "ben"}).get();
  CHECK(ben.send_wait("I am back.").outcome == Outcome::complete);
}

TEST_CASE("joining and leaving are events that say who, when and by whom") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session(conformance::two_in_a_room(), {.owner = "ann"});
  engine.run_until_idle();
  Session ann = engine.as(user("ann")).session(session.id());
  ann.join({.id = "ben", .name = "Ben", .is_human = true}, {.command_id = "in"}).get();
  engine.advance(std::chrono::seconds(5));
  ann.leave("ben", {.command_id = "out"}).get();
  std::vector<Event> found;
  Events events = session.events();
  for (const auto& event : drain(engine, events)) {
    if (event.type.starts_with("participant.")) found.push_back(event);
  }
  REQUIRE(found.size() == 2);
  CHECK(found[0].type == "participant.joined");
  CHECK(found[0].data.find("\"id\":\"ben\"") != std::string::npos);
  CHECK(found[0].actor == "ann");
  CHECK(found[0].cause == "in");
  CHECK(found[1].type == "participant.left");
  CHECK(found[1].time - found[0].time >= std::chrono::seconds(5));
  CHECK(code_of([&] { session.leave("ben").get(); }) == ErrorCode::not_found);
  CHECK(code_of([&] { session.join({.id = "guest", .name = "G", .is_human = true}).get(); }) ==
        ErrorCode::already_exists);
}

TEST_CASE("a character that has left answers nothing, and never learns what was said meanwhile") {
  Preset preset = conformance::two_in_a_room();
  Character butler = preset.characters[0];
  butler.id = "butler";
  butler.name = "Butler";
  preset.characters.push_back(butler);
  Engine engine = Engine::open(scripted(R"(["Yes."])"));
  Session session = engine.create_session(preset);
  session.send_wait("All may hear the first secret.", {.character = "butler"});
  session.leave("butler").get();
  CHECK(code_of([&] { session.send_wait("Butler?", {.character = "butler"}); }) ==
        ErrorCode::not_found);
  CHECK(code_of([&] { session.prompt({.character = "butler"}).wait(); }) == ErrorCode::not_found);
  session.send_wait("The butler must not hear the second secret.");
  session.join({.id = "butler", .name = "Butler"}).get();
  session.send_wait("You are back.", {.character = "butler"});
  const auto explained = session.explain(session.messages().back().id);
  CHECK(explained.request.find("first secret") != std::string::npos);
  CHECK(explained.request.find("second secret") == std::string::npos);
  bool told = false;
  for (const auto& part : explained.parts) told = told || part.reason == "absent";
  CHECK(told);
  // Nor in a side question, nor after the session was opened anew.
  Engine other = Engine::open(scripted(R"(["Yes."])"));
  Session again = other.import_session(engine.export_session(session.id(), ExportFormat::json));
  again.send_wait("And now?", {.character = "butler"});
  CHECK(again.explain(again.messages().back().id).request.find("second secret") ==
        std::string::npos);
}

TEST_CASE("a whisper to somebody who is not there is refused") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session(conformance::two_in_a_room());
  session.start().get();
  const auto before = session.state_json();
  SendOptions whisper;
  whisper.audience = {Audience::Kind::named, {"hots"}};
  CHECK(code_of([&] { session.send_wait("psst", whisper); }) == ErrorCode::not_found);
  CHECK(session.state_json() == before);
}

TEST_CASE("cancelling takes the rights to it") {
  Engine engine = Engine::open(scripted(R"(["One two three four five six."])"));
  Session session = engine.create_session(conformance::two_in_a_room(), {.owner = "ann"});
  session.join({.id = "ben", .name = "Ben", .is_human = true, .subject = "ben"}).get();
  Session ben = engine.as(user("ben")).session(session.id());
  session.leave("ben").get();
  const Turn turn = session.send("Hello.");
  turn.wait_accepted();
  ben.cancel();
  CHECK(turn.wait().outcome == Outcome::complete);
}

TEST_CASE("a deleted session is gone for its handles, viewers, lists and exports") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session(conformance::two_in_a_room());
  session.send_wait("Hello.");
  Events events = session.events();
  session.remove().get();
  const auto seen = drain(engine, events);
  CHECK(seen.back().type == "session.deleted");
  CHECK(events.ended());
  CHECK(code_of([&] { (void)session.info(); }) == ErrorCode::not_found);
  CHECK(code_of([&] { (void)session.messages(); }) == ErrorCode::not_found);
  CHECK(code_of([&] { session.send_wait("Hello?"); }) == ErrorCode::not_found);
  CHECK(code_of([&] { engine.session(session.id()); }) == ErrorCode::not_found);
  CHECK(code_of([&] { (void)engine.export_session(session.id(), ExportFormat::jsonl); }) ==
        ErrorCode::not_found);
  CHECK(engine.sessions().sessions.empty());
  CHECK(code_of([&] {
          engine.create_session(conformance::two_in_a_room(), {.id = session.id()});
        }) == ErrorCode::already_exists);
}

TEST_CASE("a taken id is refused, and the session that has it stays within reach") {
  Engine engine = Engine::open(scripted());
  {
    Session first = engine.create_session(conformance::two_in_a_room(), {.id = "room"});
    first.send_wait("Hello.");
  }
  engine.run_until_idle();
  CHECK(code_of([&] { engine.create_session(conformance::two_in_a_room(), {.id = "room"}); }) ==
        ErrorCode::already_exists);
  CHECK(engine.session("room").messages().size() == 2);
}

TEST_CASE("sessions and presets are created, read, changed, listed page by page and deleted") {
  Engine engine = Engine::open(scripted());
  for (int i = 0; i < 5; ++i)
    engine.create_session("job-interview", {.id = "s" + std::to_string(i)}).start().get();
  Session changed = engine.session("s2");
  changed.update({.title = "Changed", .labels = {{"a", "1"}, {"b", "2"}}}).get();
  const auto info = changed.update({.labels = {{"a", std::nullopt}}}).get();
  CHECK(info.title == "Changed");
  CHECK(info.labels == std::map<std::string, std::string>{{"b", "2"}});
  engine.session("s4").remove().get();
  std::vector<std::string> found;
  SessionQuery query{.limit = 2};
  do {
    const Page page = engine.sessions(query);
    for (const auto& one : page.sessions) found.push_back(one.id);
    query.after = page.next;
  } while (!query.after.empty());
  CHECK(found == std::vector<std::string>{"s3", "s2", "s1", "s0"});

  Preset preset = conformance::two_in_a_room();
  engine.put_preset(preset);
  preset.title = "A new title";
  engine.put_preset(preset);
  CHECK(engine.preset("conformance").title == "A new title");
  std::vector<std::string> presets;
  PresetQuery presets_query{.limit = 3};
  do {
    const PresetPage page = engine.presets(presets_query);
    CHECK(page.presets.size() <= 3);
    for (const auto& one : page.presets) presets.push_back(one.id);
    presets_query.after = page.next;
  } while (!presets_query.after.empty());
  CHECK(presets.size() == builtin_presets().size() + 1);
  CHECK(std::is_sorted(presets.begin(), presets.end()));
  CHECK(engine.presets({.category = "test"}).presets.size() == 1);
  engine.remove_preset("conformance");
  CHECK(code_of([&] { (void)engine.preset("conformance"); }) == ErrorCode::not_found);
  CHECK(code_of([&] { engine.remove_preset("conformance"); }) == ErrorCode::not_found);
}

TEST_CASE("a page without a limit, or with a limit of 0, has the usual size") {
  Engine engine = Engine::open(scripted());
  for (int i = 0; i < 51; ++i) {
    engine.create_session("job-interview");
    Preset preset = engine.preset("job-interview");
    preset.id += std::to_string(i);
    engine.put_preset(preset);
  }
  engine.run_until_idle();
  CHECK(engine.sessions().sessions.size() == 50);
  CHECK(engine.sessions({.limit = 0}).sessions.size() == 50);
  CHECK(engine.sessions({.limit = 51}).sessions.size() == 51);
  CHECK(engine.presets(PresetQuery{}).presets.size() == 50);
  CHECK(engine.presets({.limit = 0}).presets.size() == 50);
}

TEST_CASE("only the host has the store copied or judged") {
  Engine engine = Engine::open(scripted());
  CHECK_NOTHROW(engine.check_storage());
  Engine guest = engine.as(user("ann"));
  CHECK(code_of([&] { guest.check_storage(); }) == ErrorCode::permission_denied);
  CHECK(code_of([&] { guest.backup("there.db"); }) == ErrorCode::permission_denied);
  engine.close();
  CHECK(code_of([&] { engine.check_storage(); }) == ErrorCode::closed);
}

TEST_CASE("only the host names a provider's address, so that no guest gets its key sent anywhere") {
  Config config = scripted(R"(["Yes."])");
  config.providers["openai"] = {.url = "openai:gpt-4o", .api_key = "sk-the-hosts-own-key"};
  Engine engine = Engine::open(config);
  Engine guest = engine.as(user("ann"));
  const auto preset = conformance::two_in_a_room();
  for (const char* address : {"openai:gpt-4o@http://127.0.0.1:9/v1", "openai+https://evil.test/v1",
                              "ollama:m@http://169.254.169.254"}) {
    CAPTURE(address);
    CHECK(code_of([&] { guest.create_session(preset, {.provider = address}); }) ==
          ErrorCode::permission_denied);
    CHECK_NOTHROW(engine.create_session(preset, {.provider = address}));
    Preset own = preset;
    const auto refused = [&](const std::string& pointer) {
      try {
        guest.create_session(own);
      } catch (const Error& error) {
        return error.code() == ErrorCode::permission_denied && error.pointer() == pointer;
      }
      return false;
    };
    own.model.provider = address;
    CHECK(refused("/model/provider"));
    own = preset;
    own.characters.back().model.provider = address;
    CHECK(refused("/characters/" + std::to_string(own.characters.size() - 1) + "/model/provider"));
    own = preset;
    own.analysis.provider = address;
    CHECK(refused("/analysis/provider"));
    own = preset;
    own.next_question.emplace().model.provider = address;
    CHECK(refused("/next_question/model/provider"));
  }
  CHECK_NOTHROW(guest.create_session(preset, {.provider = "model"}));
  CHECK_NOTHROW(guest.create_session(preset, {.provider = "openai:gpt-4o-mini"}));
  CHECK(code_of([&] { guest.embed("openai:te", {.texts = {"a"}}).get(); }) ==
        ErrorCode::permission_denied);
}

TEST_CASE("who creates a session uses it at once, and nobody else does") {
  Engine engine = Engine::open(scripted(R"(["Yes."])"));
  Session ann = engine.as(user("ann")).create_session(conformance::two_in_a_room());
  CHECK(ann.state() == SessionState::pending);
  CHECK_NOTHROW(ann.events());
  CHECK(code_of([&] { engine.as(user("ben")).session(ann.id()); }) == ErrorCode::not_found);
  CHECK(ann.send_wait("I am Ann.").outcome == Outcome::complete);
  CHECK(ann.info().owner == "ann");
}

TEST_CASE("sessions are listed by the time of their creation, whatever they are called") {
  TempFolder folder;
  for (const std::string& storage : {std::string("memory:"), "sqlite:" + folder.file("a.db")}) {
    CAPTURE(storage);
    Config config = scripted();
    config.storage = storage;
    Engine engine = Engine::open(config);
    for (const char* id : {"m", "z", "a", "k", "b"}) {
      engine.create_session("job-interview", {.id = id}).start().get();
      engine.advance(1s);
    }
    const Page first = engine.sessions({.limit = 2});
    REQUIRE(first.sessions.size() == 2);
    CHECK(first.sessions[0].id == "b");
    CHECK(first.sessions[1].id == "k");
    // What happens to others, and to the last one of the page, moves no page.
    engine.create_session("job-interview", {.id = "c"}).start().get();
    engine.session("k").remove().get();
    engine.session("m").pause().get();
    const Page second = engine.sessions({.after = first.next, .limit = 3});
    REQUIRE(second.sessions.size() == 3);
    CHECK(second.sessions[0].id == "a");
    CHECK(second.sessions[2].id == "m");
    const Page paused = engine.sessions({.state = SessionState::paused});
    REQUIRE(paused.sessions.size() == 1);
    CHECK(paused.sessions[0].id == "m");
    CHECK(code_of([&] { (void)engine.sessions({.after = "k"}); }) == ErrorCode::invalid_argument);
  }
}

TEST_CASE("names, labels and texts that look like SQL are data, and nobody else's") {
  const TempFolder folder;
  Config config = scripted();
  config.storage = "sqlite:" + folder.file("talks.db");
  const std::string hostile = "x' OR 1=1; DROP TABLE events; --\"%_\\";
  std::string id, others;
  {
    Engine engine = Engine::open(config);
    Session session =
        engine.create_session(conformance::two_in_a_room(), {.owner = hostile,
                                                             .title = hostile,
                                                             .labels = {{hostile, hostile}},
                                                             .command_id = hostile});
    session.send_wait(hostile, {.command_id = hostile});
    id = session.id();
    Session other = engine.create_session(conformance::two_in_a_room(), {.owner = "x"});
    other.send_wait("Hello.");
    others = other.id();
  }
  Engine engine = Engine::open(config);
  const auto mine = engine.as(user(hostile)).sessions().sessions;
  REQUIRE(mine.size() == 1);
  CHECK(mine[0].id == id);
  CHECK(mine[0].title == hostile);
  CHECK(mine[0].labels.at(hostile) == hostile);
  CHECK(engine.session(id).messages()[0].text() == hostile);
  CHECK(engine.costs({.user = hostile}).at(0).calls == 1);
  CHECK(engine.costs({.session = hostile}).at(0).calls == 0);
  CHECK(engine.as(user("x")).sessions().sessions.size() == 1);
  CHECK(code_of([&] { engine.session(hostile).info(); }) != ErrorCode::ok);
  CHECK(engine.erase_user(hostile) == 1);
  CHECK(engine.session(others).messages().size() == 2);
  CHECK(engine.as(user(hostile)).sessions().sessions.empty());
}
