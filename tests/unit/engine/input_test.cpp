#include <doctest/doctest.h>

#include <functional>

#include "conformance/stage.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

struct Fault {
  std::string what;
  std::function<void()> call;
  ErrorCode code;
  std::string names;  ///< What the message must speak of.
};

// Each call fails with this code, names the field, and leaves the session as it was.
void check_all(const std::vector<Fault>& faults, const Session& session) {
  for (const auto& fault : faults) {
    CAPTURE(fault.what);
    const std::string before = session.state_json();
    std::optional<Error> error;
    try {
      fault.call();
    } catch (const Error& thrown) {
      error = thrown;
    }
    REQUIRE(error);
    CHECK(to_string(error->code()) == std::string(to_string(fault.code)));
    CHECK(std::string(error->what()).find(fault.names) != std::string::npos);
    CHECK(session.state_json() == before);
  }
}

constexpr auto kInvalid = ErrorCode::invalid_argument;
const std::string kBroken = "caf\xC3";
const std::string kLong(300, 'x');

}  // namespace

TEST_CASE(
    "every command refuses wrong UTF-8, oversized and impossible values, and names the field") {
  Config config = scripted();
  config.limits.message_bytes = 1'000;
  Engine engine = Engine::open(config);
  Session session = engine.create_session("job-interview");
  session.send_wait("Hello.");
  const std::string large(1'001, 'x');
  const std::string nul("a\0b", 3);
  const auto send = [&](SendOptions options) {
    return [&session, options] { session.send_wait("Hi.", options); };
  };
  const auto join = [&](Participant joining) {
    return [&session, joining] { session.join(joining).get(); };
  };
  const std::string character = session.messages().back().speaker;
  check_all(
      {
          {"empty text", [&] { session.send(""); }, kInvalid, "text"},
          {"blank text", [&] { session.send(" \n\t"); }, kInvalid, "text"},
          {"broken text", [&] { session.send(kBroken); }, kInvalid, "text"},
          {"text with NUL", [&] { session.send(nul); }, kInvalid, "text"},
          {"large text", [&] { session.send(large); }, ErrorCode::too_large, "message_bytes"},
          {"negative deadline", send({.deadline = -1ms}), kInvalid, "deadline"},
          {"broken participant", send({.participant = kBroken}), kInvalid, "participant"},
          {"unknown participant", send({.participant = "x"}), ErrorCode::not_found, "participant"},
          {"long command id", send({.command_id = kLong}), kInvalid, "command_id"},
          {"command id with a line", send({.command_id = "a\nb"}), kInvalid, "command_id"},
          {"long model", send({.model = kLong}), kInvalid, "model"},
          {"broken character", send({.character = kBroken}), kInvalid, "character"},
          {"unknown character", send({.character = "x"}), ErrorCode::not_found, "character"},
          {"empty audience", send({.audience = {Audience::Kind::named, {}}}), kInvalid, "audience"},
          {"unknown audience", send({.audience = {Audience::Kind::named, {"x"}}}),
           ErrorCode::not_found, "audience"},
          {"prompt of nobody", [&] { session.prompt({.character = "x"}).wait(); },
           ErrorCode::not_found, "character"},
          {"edit of nothing", [&] { session.edit("m99", "a").wait(); }, ErrorCode::not_found,
           "message"},
          {"edit to broken text", [&] { session.edit("m2", kBroken).wait(); }, kInvalid, "text"},
          {"edit to large text", [&] { session.edit("m2", large).wait(); }, ErrorCode::too_large,
           "text"},
          {"choose of nothing", [&] { session.choose("m99").get(); }, ErrorCode::not_found,
           "message"},
          {"choose broken", [&] { session.choose(kBroken).get(); }, kInvalid, "message"},
          {"fork of nothing", [&] { session.fork("m99").get(); }, ErrorCode::not_found, "message"},
          {"aside without a question", [&] { session.ask_aside(character, "").get(); }, kInvalid,
           "question"},
          {"aside, broken", [&] { session.ask_aside(character, kBroken).get(); }, kInvalid,
           "question"},
          {"aside, large", [&] { session.ask_aside(character, large).get(); }, ErrorCode::too_large,
           "question"},
          {"aside to nobody", [&] { session.ask_aside("x", "Well?").get(); }, ErrorCode::not_found,
           "character"},
          {"aside with a broken schema",
           [&] { session.ask_aside(character, "Well?", "{\"type\":").get(); }, kInvalid,
           "json_schema"},
          {"aside with a schema that is a list",
           [&] { session.ask_aside(character, "Well?", "[]").get(); }, kInvalid, "json_schema"},
          {"join without id", join({.name = "A"}), kInvalid, "participant.id"},
          {"join, broken id", join({.id = kBroken}), kInvalid, "participant.id"},
          {"join, long id", join({.id = kLong}), kInvalid, "participant.id"},
          {"join, role as id", join({.id = "role:host"}), kInvalid, "participant.id"},
          {"join, broken name", join({.id = "a", .name = kBroken}), kInvalid, "participant"},
          {"join, unknown AI", join({.id = "a", .name = "A"}), ErrorCode::not_found, "participant"},
          {"leave of nobody", [&] { session.leave("x").get(); }, ErrorCode::not_found,
           "participant"},
          {"unknown variable", [&] { session.set_variable("x", "1").get(); }, kInvalid,
           "not a variable"},
          {"broken value", [&] { session.set_variable("position", kBroken).get(); }, kInvalid,
           "UTF-8"},
          {"large value", [&] { session.set_variable("position", std::string(5'000, 'x')).get(); },
           kInvalid, "bytes"},
          {"annotation without name", [&] { session.annotate("", "{}").get(); }, kInvalid, "name"},
          {"annotation, bad name", [&] { session.annotate("a b", "{}").get(); }, kInvalid, "name"},
          {"annotation, no JSON", [&] { session.annotate("a", "{").get(); }, kInvalid, "data"},
          {"annotation, a list", [&] { session.annotate("a", "[1]").get(); }, kInvalid, "data"},
          {"annotation, large", [&] { session.annotate("a", "{\"a\":\"" + large + "\"}").get(); },
           kInvalid, "data"},
          {"annotation, too deep",
           [&] {
             session.annotate("a", "{\"a\":" + std::string(100, '[') + std::string(100, ']') + "}")
                 .get();
           },
           kInvalid, "data"},
          {"broken title", [&] { session.update({.title = kBroken}).get(); }, kInvalid, "title"},
          {"label without name",
           [&] {
             session.update({.labels = {{"", "x"}}}).get();
           },
           kInvalid, "labels"},
          {"label with a NUL",
           [&] {
             session.update({.labels = {{"group", std::string("a\0b", 3)}}}).get();
           },
           kInvalid, "labels"},
          {"bad cursor", [&] { session.events({.after = "12x"}); }, kInvalid, "cursor"},
          {"cursor of another session", [&] { session.events({.after = "9999"}); }, kInvalid,
           "cursor"},
          {"viewer who is nobody", [&] { session.events({.participant = "x"}); },
           ErrorCode::not_found, "participant"},
          {"alternatives of nothing", [&] { (void)session.alternatives("m99"); },
           ErrorCode::not_found, "message"},
          {"explain of nothing", [&] { (void)session.explain("m99"); }, ErrorCode::not_found,
           "message"},
      },
      session);
  CHECK(session.send_wait("Still here?").outcome == Outcome::complete);
}

TEST_CASE("creating a session reports every fault of its options at once, and stores nothing") {
  Engine engine = Engine::open(scripted());
  SessionOptions options;
  options.id = "a/b";
  options.owner = kBroken;
  options.title = kLong;
  options.provider = "opneai:gpt";
  options.model = "a\nb";
  options.command_id = kBroken;
  options.variables = {{"nope", "1"}, {"position", kBroken}};
  options.labels = {{"", "x"}, {kLong, "x"}, {"nul", std::string("a\0b", 3)}};
  options.played_by = {{"nobody", "ai"}, {"candidate", "robot"}};
  std::string text;
  try {
    engine.create_session("job-interview", options);
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::invalid_argument);
    text = error.what();
  }
  for (const char* pointer :
       {"/id:", "/owner:", "/title:", "/provider:", "/model:", "/command_id:", "/variables/nope:",
        "/variables/position:", "/labels", "/labels/nul:", "/played_by/nobody:"}) {
    CAPTURE(pointer);
    CHECK(text.find(pointer) != std::string::npos);
  }
  CHECK(text.find("openai") != std::string::npos);  // what was probably meant
  CHECK(engine.sessions().sessions.empty());
  CHECK(code_of([&] { engine.create_session("no-such-preset"); }) == ErrorCode::not_found);
  try {
    engine.create_session("job-intervew");
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find("job-interview") != std::string::npos);
  }
}

TEST_CASE("a template with an empty required slot does not start, and a slot cannot be emptied") {
  Preset preset = conformance::two_in_a_room();
  preset.variables = {{.name = "name", .required = true}};
  preset.scene = "Waiting for {{name}}.";
  Engine engine = Engine::open(scripted());
  try {
    engine.create_session(preset);
    FAIL("it was created");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::invalid_argument);
    CHECK(error.pointer() == "/variables/name");
  }
  Session session = engine.create_session(preset, {.variables = {{"name", "Ann"}}});
  CHECK(code_of([&] { session.set_variable("name", "").get(); }) == ErrorCode::invalid_argument);
  CHECK(code_of([&] { session.set_variable("name", "  ").get(); }) == ErrorCode::invalid_argument);
  CHECK(session.send_wait("Hello.").outcome == Outcome::complete);
}

TEST_CASE("a page that is too long is refused with the place of its limit") {
  Engine engine = Engine::open(scripted());
  for (const auto& call :
       std::vector<std::function<void()>>{[&] { (void)engine.sessions({.limit = 1'001}); },
                                          [&] { (void)engine.presets({.limit = 1'001}); },
                                          [&] { (void)engine.jobs().list({.limit = 1'001}); }}) {
    std::string pointer;
    try {
      call();
    } catch (const Error& error) {
      pointer = error.pointer();
    }
    CHECK(pointer == "/limit");
  }
}

TEST_CASE("the engine's own calls refuse what cannot be meant") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session("job-interview");
  engine.run_until_idle();  // calls that wait for the store bring its creation along
  check_all(
      {
          {"huge page", [&] { (void)engine.sessions({.limit = 1'001}); }, kInvalid, "limit"},
          {"huge page of presets", [&] { (void)engine.presets({.limit = 1'001}); }, kInvalid,
           "limit"},
          {"huge page of jobs", [&] { (void)engine.jobs().list({.limit = 1'001}); }, kInvalid,
           "limit"},
          {"time backwards", [&] { engine.advance(-1s); }, kInvalid, "step"},
          {"tenant without name",
           [&] {
             Principal who;
             who.tenant = "";
             (void)engine.as(who);
           },
           kInvalid, "tenant"},
          {"broken subject",
           [&] {
             Principal who;
             who.subject = kBroken;
             (void)engine.as(who);
           },
           kInvalid, "subject"},
          {"unknown session", [&] { (void)engine.session("x"); }, ErrorCode::not_found, "session"},
          {"unknown preset", [&] { (void)engine.preset("x"); }, ErrorCode::not_found, "preset"},
          {"faulty preset",
           [&] {
             Preset preset = conformance::two_in_a_room();
             preset.title = "";
             engine.put_preset(preset);
           },
           kInvalid, "/title"},
          {"export of nothing", [&] { (void)engine.export_session("x", ExportFormat::json); },
           ErrorCode::not_found, "session"},
          {"import of nonsense", [&] { engine.import_session("{}"); }, kInvalid, "import"},
          {"import of no JSON", [&] { engine.import_session("{\"a\""); }, kInvalid, ""},
          {"rebuild of nothing", [&] { engine.rebuild("x"); }, ErrorCode::not_found, "session"},
          {"backup of memory", [&] { engine.backup("/nowhere/x"); }, ErrorCode::unsupported, ""},
      },
      session);
}

TEST_CASE("calls that would wait for themselves are refused inside callbacks") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session("job-interview");
  std::vector<ErrorCode> codes;
  session.start().then([&](const Result<SessionInfo>&) {
    codes.push_back(code_of([&] { engine.advance(1s); }));
    codes.push_back(code_of([&] { engine.run_until_idle(); }));
    codes.push_back(code_of([&] { engine.poll(); }));
    codes.push_back(code_of([&] { engine.put_preset(conformance::two_in_a_room()); }));
    codes.push_back(code_of([&] { session.send_wait("Hello."); }));
  });
  engine.run_until_idle();
  REQUIRE(codes.size() == 5);
  for (const auto code : codes) CHECK(code == ErrorCode::wrong_state);
  // What was refused was not done later either.
  CHECK(code_of([&] { (void)engine.preset("conformance"); }) == ErrorCode::not_found);
}

TEST_CASE("what has ended takes no place in the queue while its answer is given") {
  Config config = scripted();
  config.limits.commands_per_session = 1;
  Engine engine = Engine::open(config);
  Session session =
      engine.create_session(conformance::two_in_a_room(), {.played_by = {{"guest", "ai"}}});
  engine.run_until_idle();
  ErrorCode next = ErrorCode::internal;
  session.run({.max_turns = 2}).then([&](const Result<RunResult>& result) {
    REQUIRE(result);
    next = code_of([&] { (void)session.annotate("n", "{}"); });
  });
  engine.run_until_idle();
  CHECK(next == ErrorCode::ok);
  CHECK(engine.stats().commands_refused == 0);
}

TEST_CASE(
    "the queue of a session's commands has a bound, and what is over it is refused and counted") {
  Config config = scripted();
  config.limits.commands_per_session = 4;
  Engine engine = Engine::open(config);
  Session session = engine.create_session(conformance::two_in_a_room());
  session.start().get();
  std::vector<Pending<SessionInfo>> asked;
  for (int i = 0; i < 10; ++i) asked.push_back(session.annotate("n", "{}"));
  engine.run_until_idle();
  std::size_t done = 0, refused = 0;
  for (const auto& one : asked) {
    const auto result = one.wait();
    result ? ++done : ++refused;
    if (!result) CHECK(result.error().code() == ErrorCode::overloaded);
  }
  CHECK(done == 4);
  CHECK(refused == 6);
  CHECK(engine.stats().commands_refused == 6);
  session.annotate("n", "{}").get();
}

TEST_CASE("an engine tells whether anything is under way") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session(conformance::two_in_a_room());
  session.start().get();
  session.send("Hello.");
  CHECK_FALSE(engine.stats().idle);
  engine.run_until_idle();
  CHECK(engine.stats().idle);
}

TEST_CASE("slow viewers are counted: deltas that were merged, queues that were given up") {
  Config config = scripted(R"(["One two three four five six seven eight nine ten."])");
  config.live_metrics = false;
  Engine engine = Engine::open(config);
  Session session = engine.create_session(conformance::two_in_a_room());
  session.start().get();
  Events slow = session.events({.after = "live", .max_events = 9});
  engine.poll();
  session.send_wait("Count.");
  CHECK(engine.stats().deltas_merged > 0);
  CHECK(engine.stats().viewers_lagged == 0);
  session.send_wait("Count.");
  session.send_wait("Count.");
  CHECK(engine.stats().viewers_lagged == 1);
  CHECK(engine.stats().sessions_loaded == 1);
}
