#include <doctest/doctest.h>

#include <optional>
#include <scena/jobs.hpp>
#include <stdexcept>

#include "conformance/stage.hpp"
#include "storage/registry.hpp"
#include "support/temp_folder.hpp"
#include "unit/engine/engine_fixture.hpp"
#include "unit/engine/erasure_fixture.hpp"
#include "unit/engine/tool_fixture.hpp"

using namespace scena;
using namespace scena::test;

namespace {

constexpr const char* kSecret = "xylophone-in-the-attic";
constexpr const char* kOthers = "marimba-in-the-cellar";

Engine open(std::shared_ptr<Storage> storage) {
  // The model repeats what it heard: what others say of somebody goes with the talk.
  Config config = scripted(R"(["You said xylophone-in-the-attic.","Go on.","I see."])");
  Dependencies parts;
  parts.storage = std::move(storage);
  parts.job_handlers["mail"] = make_job_handler([](const Job& job) -> std::string {
    throw std::runtime_error("cannot send " + job.payload);
  });
  return Engine::open(config, std::move(parts));
}

Session owned_by(Engine& engine, const std::string& owner, const std::string& title) {
  SessionOptions options;
  options.owner = owner;
  options.title = title;
  options.command_id = "made-" + title;
  return engine.create_session(conformance::two_in_a_room(), options);
}

std::string with_secret(int bytes) {
  return std::string(static_cast<std::size_t>(bytes), 'a') + " " + kSecret + " b";
}

// Ada leaves words in a session of her own, in a deleted one, in a guest's chair of Bob's and in a
// fork; a job of hers is a dead letter.
void leave_traces(Engine& engine) {
  Session own = owned_by(engine, "ada", kSecret);
  SendOptions once;
  once.command_id = "said-once";
  own.send_wait(with_secret(1), once);
  for (int i = 0; i < 40; ++i) own.send_wait(with_secret(i * 100));
  own.fork().get().send_wait(with_secret(2));
  own.annotate("note", std::string(R"({"of":")") + kSecret + R"("})").get();
  JobOptions mail;
  mail.session = own.id();
  mail.max_attempts = 1;
  engine.jobs().enqueue("mail", std::string("\"") + kSecret + "\"", mail).get();
  own.complete().get();
  engine.run_until_idle();
  Session gone = owned_by(engine, "ada", "gone");
  gone.send_wait(with_secret(3));
  gone.remove().get();
  Session bobs = owned_by(engine, "bob", "visited");
  Participant ada;
  ada.id = "ada";
  ada.name = "Ada";
  ada.is_human = true;
  ada.subject = "ada";
  bobs.join(ada).get();
  SendOptions as_ada;
  as_ada.participant = "ada";
  bobs.send_wait(with_secret(4), as_ada);
  bobs.leave("ada").get();
}

}  // namespace

TEST_CASE(
    "of an erased user no byte of text is left in the store's files, and others keep theirs") {
  TempFolder folder;
  const std::string url = "sqlite:" + folder.file("talk.db");
  std::string kept;
  {
    std::shared_ptr<Storage> storage = open_storage({.url = url}).value_or_throw();
    Engine engine = open(storage);
    Session bobs = owned_by(engine, "bob", "alone");
    kept = bobs.id();
    SendOptions unanswered;
    unanswered.reply = false;
    bobs.send_wait(kOthers, unanswered);
    leave_traces(engine);
    REQUIRE(store_holds(*storage, kSecret));
    REQUIRE_FALSE(files_with(folder, kSecret).empty());
    CHECK(engine.erase_user("ada") == 4);
    CHECK_FALSE(store_holds(*storage, kSecret));
    CHECK(files_with(folder, kSecret).empty());
    CHECK(bobs.messages()[0].text() == kOthers);
    bobs.send_wait("Still here.", unanswered);
    CHECK(engine.sessions().sessions.size() == 1);
    CHECK(engine.erase_user("ada") == 0);
    storage->check().value_or_throw();
  }
  CHECK(files_with(folder, kSecret).empty());
  CHECK_FALSE(files_with(folder, kOthers).empty());
  Engine engine = open(open_storage({.url = url}).value_or_throw());
  CHECK(engine.session(kept).messages()[0].text() == kOthers);
}

TEST_CASE("in memory, too, nothing of an erased user can be read") {
  std::shared_ptr<Storage> storage = open_storage({.url = "memory:"}).value_or_throw();
  Engine engine = open(storage);
  leave_traces(engine);
  REQUIRE(store_holds(*storage, kSecret));
  CHECK(engine.erase_user("ada") == 4);
  CHECK_FALSE(store_holds(*storage, kSecret));
  CHECK(engine.sessions().sessions.empty());
  CHECK(engine.jobs().list({.kind = "mail"}).jobs.empty());
}

TEST_CASE("erasing a user ends a reply under way, and its session cannot be opened again") {
  Config config = scripted();
  config.providers["model"] = {
      .url = "script:", .options = R"({"replies":["A long reply."],"delay_ms":[60000,60000]})"};
  Engine engine = Engine::open(config);
  Session session = owned_by(engine, "ada", "talk");
  const Turn turn = session.send("Hello");
  CHECK(engine.erase_user_later("ada").get() == 1);
  CHECK(turn.done());
  CHECK(code_of([&] { engine.session(session.id()); }) == ErrorCode::not_found);
}

TEST_CASE("only the host erases a user, and names one") {
  Engine engine = Engine::open(scripted());
  Principal ada;
  ada.subject = "ada";
  CHECK(code_of([&] { engine.as(ada).erase_user("ada"); }) == ErrorCode::permission_denied);
  CHECK(code_of([&] { engine.erase_user(""); }) == ErrorCode::invalid_argument);
  CHECK(engine.erase_user("nobody") == 0);
}

TEST_CASE("another tenant's user of the same name keeps everything") {
  Engine engine = Engine::open(scripted());
  Engine other = engine.as(Principal::host("other"));
  owned_by(other, "ada", "talk").send_wait(kOthers);
  owned_by(engine, "ada", "talk").send_wait(kSecret);
  CHECK(engine.erase_user("ada") == 1);
  CHECK(other.sessions().sessions.size() == 1);
}

TEST_CASE("replies kept for equal calls go with an erased user") {
  Config config = scripted(R"(["Good morning."])");
  config.seed.reset();  // a request with the session's own seed is no other's equal
  Engine engine = Engine::open(config);
  engine.update_policy(R"({"cache":{"max_bytes":1000000,"ttl_ms":3600000}})");
  const auto is_kept = [&](const std::string& owner, const std::string& title) {
    return owned_by(engine, owner, title).send_wait("Hello").cached;
  };
  CHECK_FALSE(is_kept("ada", "first"));
  REQUIRE(is_kept("ada", "second"));
  CHECK(engine.erase_user("ada") == 2);
  CHECK_FALSE(is_kept("bob", "third"));
}

namespace {

/// A sink that is never done.
struct SilentSink final : EventSink {
  EventSinkOptions options() const override { return {.events = {"message.*"}}; }
  void deliver(const Event&, const Job&, std::shared_ptr<JobAnswer> answer,
               std::stop_token) override {
    kept.push_back(std::move(answer));
  }
  std::vector<std::shared_ptr<JobAnswer>> kept;
};

}  // namespace

TEST_CASE(
    "of an erased user no delivery, no row of the analytics and no result of a tool is left") {
  std::shared_ptr<Storage> storage = open_storage({.url = "memory:"}).value_or_throw();
  const auto sink = std::make_shared<SilentSink>();
  ToolStage stage({{.calls = {weather_call()}}, {.text = "Noted."}});
  stage.with(std::make_shared<TestTool>(
      "weather", [](const ToolRequest&, const auto& answer) { answer->succeed(kSecret); }));
  stage.dependencies.storage = storage;
  stage.dependencies.event_sinks["audit"] = sink;
  Engine engine = stage.open();
  SessionOptions options;
  options.owner = "ada";
  Session session = engine.create_session(room_with_tools(), options);
  session.send_wait("How is the weather?");
  engine.poll();
  const auto rows = [&] {
    RecordQuery query;
    query.tenant = "default";
    query.kind = "analytics";
    return storage->list(query).value_or_throw().size();
  };
  const auto deliveries = [&] {
    std::size_t open = 0;
    for (const auto& job : storage->jobs({.tenant = "default"}).value_or_throw())
      open += job.kind.find("audit") != std::string::npos;
    return open;
  };
  CHECK(store_holds(*storage, kSecret));
  CHECK(rows() == 1);
  CHECK(deliveries() >= 2);
  CHECK_FALSE(sink->kept.empty());
  CHECK(engine.erase_user("ada") == 1);
  CHECK_FALSE(store_holds(*storage, kSecret));
  CHECK(rows() == 0);
  CHECK(deliveries() == 0);
}

TEST_CASE("a session that cannot be read stops no erasure, and is named at its end") {
  auto torn = std::make_shared<TornStorage>(open_storage({.url = "memory:"}).value_or_throw());
  Engine engine = open(torn);
  Session lost = owned_by(engine, "ada", "lost");
  lost.send_wait("Hello");
  lost.remove().get();
  for (int i = 0; i < 3; ++i)
    owned_by(engine, "ada", "talk" + std::to_string(i)).send_wait(kSecret);
  torn->torn = "session:" + lost.id();
  try {
    engine.erase_user("ada");
    FAIL("it was not told");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::storage_corrupt);
    CHECK(std::string(error.what()).find("3 sessions were erased") != std::string::npos);
    CHECK(std::string(error.what()).find(lost.id()) != std::string::npos);
  }
  CHECK_FALSE(store_holds(*torn, kSecret));
  CHECK(engine.sessions().sessions.empty());
}

TEST_CASE("a session that cannot be read goes where its record names the user") {
  for (const bool is_in_memory : {false, true}) {
    CAPTURE(is_in_memory);
    auto torn = std::make_shared<TornStorage>(open_storage({.url = "memory:"}).value_or_throw());
    std::optional<Engine> engine = open(torn);
    Session session = owned_by(*engine, "ada", "torn");
    session.send_wait(kSecret);
    Session fork = session.fork().get();
    SendOptions unanswered;
    unanswered.reply = false;
    owned_by(*engine, "bob", "whole").send_wait(kOthers, unanswered);
    torn->torn = "session:" + session.id();
    if (!is_in_memory) engine = open(torn);
    CHECK(engine->erase_user("ada") == 2);
    torn->torn.clear();
    CHECK_FALSE(store_holds(*torn, kSecret));
    CHECK(engine->sessions().sessions.size() == 1);
    CHECK(store_holds(*torn, kOthers));
  }
}
