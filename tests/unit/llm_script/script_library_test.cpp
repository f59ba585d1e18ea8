#include "llm/backends/script/script_library.hpp"

#include <set>

#include "support.hpp"

using namespace scena;
using namespace scena::script;
using scena::test::ask;
using scena::test::say;

namespace {

std::shared_ptr<ScriptLibrary> library_of(std::string_view options) {
  auto library = ScriptLibrary::make(options);
  REQUIRE(library.has_value());
  return *library;
}

std::string reply(ScriptLibrary& library, const ReplyRequest& request) {
  auto found = library.reply_to(request);
  REQUIRE(found.has_value());
  return found->text;
}

}  // namespace

TEST_CASE("the host's script wins over the request's, and the character's own over both") {
  auto with_script = ask("Hi");
  with_script.script = R"({"replies":["preset"]})";
  CHECK(reply(*library_of(""), with_script) == "preset");
  CHECK(reply(*library_of(R"({"replies":["host"]})"), with_script) == "host");
  const auto both = library_of(R"({"replies":["host"],"characters":{"anna":{"replies":["own"]}}})");
  CHECK(reply(*both, with_script) == "own");
  with_script.context.character = "ben";
  CHECK(reply(*both, with_script) == "host");
  const auto characters = library_of(R"({"characters":{"anna":{"replies":["own"]}}})");
  CHECK(reply(*characters, with_script) == "preset");
}

TEST_CASE("options that only set times keep the request's script") {
  auto request = ask("Hi");
  request.script = R"({"replies":["preset"],"delay_ms":[5,5]})";
  const auto found = library_of(R"({"instant":true})")->reply_to(request);
  REQUIRE(found.has_value());
  CHECK(found->text == "preset");
  CHECK(found->timing.instant);
}

TEST_CASE("the character's reply number is counted from its messages unless the context says it") {
  const auto library = library_of(R"({"replies":["One","Two","Three"]})");
  auto request = ask("a");
  request.context.turn_number = 9;
  CHECK(reply(*library, request) == "One");
  say(request, "One", "b");
  CHECK(reply(*library, request) == "Two");
  request.context.reply_number = 3;
  CHECK(reply(*library, request) == "Three");
}

TEST_CASE(
    "without a script twenty sessions of one run get twenty different texts, and the same again") {
  std::set<std::string> texts;
  for (std::uint64_t session = 0; session < 20; ++session) {
    const auto request = ask("Good morning, I come about the position.", 1'000 + session);
    const std::string text = reply(*library_of(""), request);
    CHECK(text == reply(*library_of(""), request));
    texts.insert(text);
  }
  CHECK(texts.size() == 20);
}

TEST_CASE("without a script the turns of a session, its attempts and its characters differ") {
  const auto library = library_of("");
  std::set<std::string> texts;
  auto request = ask("Good morning.");
  for (int turn = 0; turn < 10; ++turn) {
    for (request.context.attempt = 0; request.context.attempt < 3; ++request.context.attempt) {
      texts.insert(reply(*library, request));
    }
    request.context.attempt = 0;
    say(request, reply(*library, request), "Good morning.");
  }
  CHECK(texts.size() == 30);
  auto other = ask("Good morning.");
  other.context.character = "ben";
  CHECK(reply(*library, other) != reply(*library, ask("Good morning.")));
}

TEST_CASE("a scripted reply that is asked for again is never the same text") {
  auto request = ask("Hi");
  request.script = R"({"replies":[{"turn":1,"text":"Only"}]})";
  const auto library = library_of("");
  CHECK(reply(*library, request) == "Only");
  request.context.attempt = 1;
  CHECK(reply(*library, request) != "Only");
}

TEST_CASE("a schema gets a value that follows it, or the script's own") {
  auto request = ask("Judge this");
  request.json_schema =
      R"({"type":"object","required":["score"],"properties":{"score":{"type":"number"}}})";
  CHECK(reply(*library_of(""), request) == R"({"score":0})");
  CHECK(reply(*library_of(R"({"replies":["text"]})"), request) == R"({"score":0})");
  CHECK(reply(*library_of(R"({"replies":[{"json":{"score":4}}]})"), request) == R"({"score":4})");
}

TEST_CASE("a wrong script in a request or in options is an error that names the place") {
  auto request = ask("Hi");
  request.script = R"({"replies":[{}]})";
  const auto found = library_of("")->reply_to(request);
  REQUIRE_FALSE(found.has_value());
  CHECK(found.error().code() == ErrorCode::invalid_argument);
  CHECK(found.error().pointer() == "/replies/0");
  const auto options = ScriptLibrary::make(R"({"characters":{"a/b":{"replies":3}}})");
  REQUIRE_FALSE(options.has_value());
  CHECK(options.error().pointer() == "/characters/a~1b/replies");
  CHECK_FALSE(ScriptLibrary::make("[]").has_value());
}

TEST_CASE("more scripts than the cache holds still answer rightly") {
  const auto library = library_of("");
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 600; ++i) {
      auto request = ask("Hi");
      request.script = R"({"replies":["text )" + std::to_string(i) + R"("]})";
      CHECK(reply(*library, request) == "text " + std::to_string(i));
    }
  }
}

TEST_CASE("prompt tokens are a quarter of the bytes, rounded up") {
  auto request = ask("12345");
  request.system = "1234";
  CHECK(prompt_tokens(request) == 3);
}

TEST_CASE("the description of a request is stable and holds what leads to the reply") {
  auto request = ask("Hi \"you\"");
  request.system = "Be kind.";
  request.stop = {"END"};
  CHECK(
      describe_request("script", "m", request) ==
      R"({"provider":"script","model":"m","system":"Be kind.","messages":[{"role":"user","text":"Hi \"you\""}],"stop":["END"]})");
}
