#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>

#include "base/json.hpp"
#include "conformance/stage.hpp"
#include "engine/actor/command.hpp"
#include "engine/projection/session_loader.hpp"
#include "storage/registry.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;

namespace {

// A session with a bit of everything.
Session rich_session(Engine& engine) {
  Session session = engine.create_session(
      "job-interview", {.owner = "ann", .title = "Mine", .labels = {{"group", "A"}}, .seed = 99});
  session.send_wait("Grüße! *not bold* <b>x</b>");
  session.send_wait("And so on.");
  session.regenerate().wait();
  session.edit(session.messages()[session.messages().size() - 2].id, "Edited.").wait();
  session.undo().get();
  session.set_variable("position", "pilot").get();
  session.join({.id = "ben", .name = "Ben", .is_human = true, .subject = "ben"}).get();
  session.leave("ben").get();
  session.annotate("note", R"({"z":1,"a":[1.5,"\u00e9"]})").get();
  session.ask_aside(session.messages().back().speaker, "Well?").get();
  session.pause().get();
  return session;
}

std::string lines_of(Engine& engine, Session& session) {
  std::string lines;
  Events events = session.events();
  for (const auto& event : drain(engine, events)) {
    if (event.is_durable()) lines += event.to_json() + "\n";
  }
  return lines;
}

}  // namespace

TEST_CASE("an export as JSON, imported elsewhere, is an equal session, event for event") {
  Engine engine = Engine::open(scripted());
  Session session = rich_session(engine);
  const std::string exported = engine.export_session(session.id(), ExportFormat::json);
  Engine other = Engine::open(scripted());
  Session imported = other.import_session(exported);
  CHECK(imported.state_json() == session.state_json());
  CHECK(lines_of(other, imported) == lines_of(engine, session));
  CHECK(other.export_session(session.id(), ExportFormat::json) == exported);
  CHECK(other.sessions().sessions.at(0) == session.info());
  imported.resume().get();
  CHECK(imported.send_wait("It goes on.").outcome == Outcome::complete);
  CHECK(code_of([&] { other.import_session(exported); }) == ErrorCode::already_exists);
}

TEST_CASE("an export as JSON lines is the log, and Markdown is the chosen line as text") {
  Engine engine = Engine::open(scripted());
  Session session = rich_session(engine);
  CHECK(engine.export_session(session.id(), ExportFormat::jsonl) == lines_of(engine, session));
  const std::string markdown = engine.export_session(session.id(), ExportFormat::markdown);
  CHECK(markdown.starts_with("# Mine\n"));
  CHECK(markdown.find("\\*not bold\\* \\<b\\>x\\</b\\>") != std::string::npos);
  CHECK(markdown.find("Edited.") == std::string::npos);  // undone
  std::size_t at = 0;
  for (const auto& message : session.messages()) {
    const auto found = markdown.find("**", at);
    REQUIRE(found != std::string::npos);
    at = found + 4;
    CHECK_FALSE(message.text().empty());
  }
}

TEST_CASE("what people wrote cannot become markup in Markdown, and loses nothing") {
  const std::pair<const char*, const char*> lines[] = {
      {"I agree\n===", "I agree  \n\\=\\=\\="},
      {"so\n1. one\n23) two", "so  \n1\\. one  \n23\\) two"},
      {"code\n\n    indented\n\tby a tab",
       "code  \n  \n&nbsp;&nbsp;&nbsp;&nbsp;indented  \n&nbsp;&nbsp;&nbsp;&nbsp;by a tab"},
      {"&copy; AT&amp;T", "\\&copy; AT\\&amp;T"},
      {"x\r\n- y\r# z", "x  \n\\- y  \n\\# z"},
      {"3.5 is no list, nor is v1. or 2)", "3\\.5 is no list, nor is v1. or 2)"},
      {"[a](b) ~~c~~ `d` |e|\n> f", "\\[a\\](b) \\~\\~c\\~\\~ \\`d\\` \\|e\\|  \n\\> f"}};
  for (const auto& [written, exported] : lines) {
    const std::string wanted = "\n**Guest:** " + std::string(exported) + "\n";
    Engine engine = Engine::open(scripted());
    Session session = engine.create_session(conformance::two_in_a_room());
    session.send_wait(written, {.reply = false});
    const std::string markdown = engine.export_session(session.id(), ExportFormat::markdown);
    CAPTURE(markdown);
    CAPTURE(wanted);
    CHECK(markdown.ends_with(wanted));
  }
}

TEST_CASE("a note of the host keeps its members in order and stays one line") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session(conformance::two_in_a_room());
  session.annotate("note", "{ \"b\" : 1.5,\n\t\"a\": [ \"\\u00e9\" ] }").get();
  CHECK(lines_of(engine, session).find("\"data\":{\"b\":1.5,\"a\":[\"é\"]}}\n") !=
        std::string::npos);
}

TEST_CASE("what a participant may not see is in no export made for it") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session(conformance::two_in_a_room(), {.owner = "ann"});
  session.join({.id = "ben", .name = "Ben", .is_human = true, .subject = "ben"}).get();
  SendOptions whisper;
  whisper.participant = "guest";
  whisper.audience = {Audience::Kind::named, {"host"}};
  session.send_wait("Between us.", whisper);
  Principal ben;
  ben.subject = "ben";
  const Engine as_ben = engine.as(ben);
  for (const auto format : {ExportFormat::jsonl, ExportFormat::markdown})
    CHECK(as_ben.export_session(session.id(), format).find("Between us") == std::string::npos);
  CHECK(code_of([&] { (void)as_ben.export_session(session.id(), ExportFormat::json); }) ==
        ErrorCode::permission_denied);
}

TEST_CASE("an import that was tampered with is refused whole, wherever it was touched") {
  Engine engine = Engine::open(scripted());
  Session session = rich_session(engine);
  const auto document =
      *parse_json_ordered(engine.export_session(session.id(), ExportFormat::json));
  const auto refused = [&](const char* what, auto&& change) {
    CAPTURE(what);
    OrderedJson copy = document;
    change(copy);
    Engine other = Engine::open(scripted());
    const auto code = code_of([&] { other.import_session(dump_json(copy)); });
    CHECK((code == ErrorCode::invalid_argument || code == ErrorCode::version_mismatch));
    CHECK(other.sessions().sessions.empty());
  };
  refused("no format", [](OrderedJson& json) { json.erase("format"); });
  refused("newer version", [](OrderedJson& json) { json["version"] = 99; });
  refused("no events", [](OrderedJson& json) { json["events"] = OrderedJson::array(); });
  refused("no creation", [](OrderedJson& json) { json["events"].erase(0); });
  refused("another preset", [](OrderedJson& json) { json["preset"]["title"] = "Other"; });
  refused("a faulty preset", [](OrderedJson& json) { json["preset"].erase("characters"); });
  refused("a message that is none", [](OrderedJson& json) {
    for (auto& event : json["events"]) {
      if (event["type"] == "message.stored") event["data"]["message"] = 7;
    }
  });
  refused("an audience that is none", [](OrderedJson& json) { json["events"][2]["audience"] = 7; });
  refused("an id with a slash", [](OrderedJson& json) { json["id"] = "a/b"; });
  refused("an empty id", [](OrderedJson& json) { json["id"] = ""; });
}

TEST_CASE("an import with events that no engine writes is refused, and says where") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session(conformance::two_in_a_room());
  session.send_wait("Hello.");
  session.complete().get();
  engine.run_until_idle();
  const auto document =
      *parse_json_ordered(engine.export_session(session.id(), ExportFormat::json));
  const auto place = [&](const char* type, std::size_t nth = 0) {
    const OrderedJson& events = document["events"];
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (events[i]["type"] == type && nth-- == 0) return i;
    }
    FAIL("no such event");
    return std::size_t{};
  };
  const auto number = [](OrderedJson& json) {
    for (std::size_t i = 0; i < json["events"].size(); ++i) json["events"][i]["seq"] = i + 1;
  };
  const auto refused = [&](const char* said, auto&& change) {
    CAPTURE(said);
    OrderedJson copy = document;
    change(copy);
    Engine other = Engine::open(scripted());
    std::string heard;
    try {
      other.import_session(dump_json(copy));
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::invalid_argument);
      heard = error.what();
    }
    CHECK(heard.find(said) != std::string::npos);
    CHECK(other.sessions().sessions.empty());
  };
  // As the document was numbered when it was written.
  refused("does not follow number 4", [](OrderedJson& json) { json["events"].erase(4); });
  refused("is not the first",
          [](OrderedJson& json) { std::reverse(json["events"].begin(), json["events"].end()); });
  refused("does not follow", [](OrderedJson& json) { json["events"][4]["seq"] = 1ull << 63; });
  refused("does not follow", [](OrderedJson& json) { json["events"][4]["stream"] = "session:x"; });
  refused("no possible time", [](OrderedJson& json) { json["events"][4]["time"] = -5; });
  refused("no possible time", [](OrderedJson& json) { json["events"][4]["time"] = INT64_MAX; });
  // Numbered anew by whoever changed it.
  const auto doubled = [&](const char* type) {
    return [&, type](OrderedJson& json) {
      const auto at = static_cast<OrderedJson::difference_type>(place(type));
      const OrderedJson copy = json["events"][static_cast<std::size_t>(at)];
      json["events"].insert(json["events"].begin() + at + 1, copy);
      number(json);
    };
  };
  refused("stores a message twice", doubled("message.stored"));
  refused("begins a turn inside another", doubled("turn.started"));
  refused("ends a turn that is not open", doubled("turn.finished"));
  refused("comes after the session's end", doubled("session.completed"));
  refused("stores an analysis twice", doubled("analysis.stored"));
  refused("comes a second time", doubled("session.created"));
  refused("is about a message that is not there", [&](OrderedJson& json) {
    json["events"].erase(place("message.stored", 1));
    number(json);
  });
  refused("comes after the session's end", [&](OrderedJson& json) {
    OrderedJson event = json["events"][place("message.stored")];
    event["data"]["message"]["id"] = "m99";
    json["events"].push_back(event);
    number(json);
  });
  Engine other = Engine::open(scripted());
  CHECK_NOTHROW(other.import_session(dump_json(document)));
}

TEST_CASE("forks of forks, of what was undone or imported, come in and go out again") {
  Engine engine = Engine::open(scripted());
  Session session = rich_session(engine);
  session.resume().get();
  Session fork = session.fork(session.messages()[1].id).get();
  fork.send_wait("Another way.");
  Session deeper = fork.fork(fork.messages()[1].id).get();  // shared twice over
  deeper.send_wait("A third way.");
  deeper.complete().get();
  Session ended = deeper.fork().get();
  ended.send_wait("Not over yet.");
  engine.run_until_idle();
  for (Session* one : {&session, &fork, &deeper, &ended}) {
    Engine second = Engine::open(scripted()), third = Engine::open(scripted());
    second.advance(std::chrono::hours(1));  // its own sessions get other ids
    const auto document = engine.export_session(one->id(), ExportFormat::json);
    Session imported = second.import_session(document);
    CHECK(imported.messages().size() == one->messages().size());
    Session child = imported.fork().get();
    child.send_wait("And on.");
    for (const auto& id : {imported.id(), child.id()})
      CHECK_NOTHROW(third.import_session(second.export_session(id, ExportFormat::json)));
  }
}

TEST_CASE("a command survives its JSON form, every kind with every member") {
  using namespace scena::engine;
  for (std::size_t kind = 0; kind < kSessionCommandCount; ++kind) {
    Command command;
    command.kind = static_cast<SessionCommand>(kind);
    command.id = "c\"7";
    command.repeatable = kind % 2 == 0;
    command.who = {.tenant = "t", .subject = "ann", .roles = {"a", "b"}, .participant = "p"};
    command.participant = "guest";
    command.character = "host";
    command.text = "Grüße\n";
    command.message = "m1";
    command.model = "m";
    command.name = "n";
    command.value = R"({"a":1})";
    command.audience = {Audience::Kind::named, {"x", "role:y"}};
    command.reply = kind % 3 == 0;
    command.max_turns = 4;
    command.deadline = std::chrono::milliseconds(1'500);
    command.joining = {.id = "j", .name = "J", .is_human = true, .subject = "s"};
    const auto back = Command::from_json(command.to_json());
    REQUIRE(back);
    CHECK(*back == command);
    CHECK(back->to_json() == command.to_json());
  }
  CHECK_FALSE(Command::from_json("{}"));
  CHECK_FALSE(Command::from_json(R"({"id":"a","kind":"nonsense"})"));
}

TEST_CASE("a session that is rebuilt from its log equals the live one, state and event bytes") {
  auto storage = std::shared_ptr<Storage>(std::move(*open_storage({.url = "memory:"})));
  Dependencies dependencies;
  dependencies.storage = storage;
  Engine engine = Engine::open(scripted(), dependencies);
  Session session = rich_session(engine);
  const auto rebuilt = engine::load_model(*storage, "default", session.id());
  REQUIRE(rebuilt);
  CHECK(rebuilt->to_json() == session.state_json());
  CHECK(engine.rebuild(session.id()));
  // A stored row that is wrong is made right again, and said to have been wrong.
  Batch batch;
  RecordWrite wrong;
  wrong.key = {"default", "session", session.id()};
  wrong.json = "{}";
  batch.records.push_back(wrong);
  REQUIRE(storage->commit({&batch, 1})[0]);
  CHECK_FALSE(engine.rebuild(session.id()));
  CHECK(engine.rebuild(session.id()));
  CHECK(engine.sessions().sessions.at(0) == session.info());
}
