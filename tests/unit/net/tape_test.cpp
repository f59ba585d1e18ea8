#include "net/tape.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <random>

#include "base/clock.hpp"
#include "net/tape_transport.hpp"
#include "support/fake_transport.hpp"

using namespace scena;
using namespace scena::net;
using namespace std::chrono_literals;
using scena::test::FakeAnswer;
using scena::test::FakeTransport;

namespace {

// Everything a sink can tell apart, cuts and flushes included, as one text.
struct Log final : HttpSink {
  std::string text;
  std::string bytes;
  bool ended = false;
  void on_head(const HttpHead& head) override {
    text += "head " + std::to_string(head.status);
    for (const auto& [name, value] : head.headers) text += " " + name + "=" + value;
    text += "\n";
  }
  void on_body(std::string_view piece) override {
    text += "body ";
    text += piece;
    text += "\n";
    bytes += piece;
  }
  void on_flush() override { text += "flush\n"; }
  void on_end(const HttpEnd& end) override {
    CHECK_FALSE(ended);
    ended = true;
    text += std::string("end ") + (end.complete ? "complete" : "cut") +
            (end.got_head ? " head" : "") + (end.close_delimited ? " close" : "");
    if (end.error)
      text += std::string(" ") + to_string(end.error->code()) + " " + end.error->what();
    text += "\n";
  }
};

struct Bench {
  VirtualClock clock;
  Loop loop{clock};
  FakeTransport inner{loop};
  std::string tape;

  void drive() {
    for (int i = 0; i < 100'000; ++i) {
      if (loop.poll(0us) > 0) continue;
      const auto next = loop.next_deadline();
      if (!next) return;
      clock.advance_to(*next);
    }
  }
  TapeWriter writer() {
    return [this](std::string_view line) {
      tape += line;
      return true;
    };
  }
  Tape read() {
    auto parsed = parse_tape(tape);
    REQUIRE(parsed);
    return std::move(*parsed);
  }
};

HttpRequest request_for(std::string body, std::string url = "https://api.example/v1") {
  return {.url = std::move(url),
          .headers = {{"Content-Type", "application/json"},
                      {"Authorization", "Bearer very-secret"},
                      {"X-API-Key", "k2-secret"}},
          .body = std::move(body)};
}

std::shared_ptr<Log> ask(HttpTransport& transport, HttpRequest request, std::stop_token stop = {}) {
  auto log = std::make_shared<Log>();
  transport.start(std::move(request), log, std::move(stop));
  return log;
}

// Three exchanges: random cuts through all byte values, a failure, a body that ends with the
// connection.
std::vector<std::string> record(Bench& bench) {
  std::mt19937 random(7);
  std::string bytes;
  for (int i = 0; i < 600; ++i) bytes += static_cast<char>(random() % 256);
  FakeAnswer answer{.step = 3ms};
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t length = 1 + random() % 60;
    answer.pieces.push_back(bytes.substr(at, length));
    at += length;
  }
  bench.inner.answers = {answer,
                         FakeAnswer::failing(Error::fixed(ErrorCode::timeout, "no first byte")),
                         {.status = 500,
                          .pieces = {"gr\xC3\xBC\xC3\x9F \"x\"\n"},
                          .end = {.complete = true, .got_head = true, .close_delimited = true}}};
  TapeRecorder recorder(bench.inner, bench.loop, bench.writer());
  std::vector<std::string> seen;
  for (const char* body : {"{\"a\":1}", "{\"b\":2}", "{\"a\":1}"}) {
    const auto log = ask(recorder, request_for(body));
    bench.drive();
    REQUIRE(log->ended);
    seen.push_back(log->text);
  }
  return seen;
}

Error fault_of(std::string_view text) {
  const auto parsed = parse_tape(text);
  REQUIRE_FALSE(parsed);
  return parsed.error();
}

const std::string kHeader = "{\"tape\":\"scena\",\"version\":1}\n";
const std::string kRequest =
    R"({"x":1,"t":0,"is":"request","method":"POST","url":"http://h/","headers":[],"body":""})"
    "\n";

}  // namespace

TEST_CASE("what was recorded is played with equal pieces and ends at every speed") {
  Bench bench;
  const auto recorded = record(bench);
  for (const double speed : {1.0, 1000.0, 0.0}) {
    Bench stage;
    TapePlayer player(stage.loop, bench.read(), {.speed = speed});
    std::size_t i = 0;
    for (const char* body : {"{\"a\":1}", "{\"b\":2}", "{\"a\":1}"}) {
      const auto log = ask(player, request_for(body));
      CHECK(log->text.empty());
      stage.drive();
      CHECK(log->text == recorded[i++]);
    }
    CHECK(player.left() == 0);
  }
}

TEST_CASE("speed 1 takes the recorded time, speed 1000 a thousandth") {
  Bench bench;
  record(bench);
  const Tape tape = bench.read();
  const auto length = tape.exchanges[0].end_time;
  CHECK(length > 30ms);
  for (const double speed : {1.0, 1000.0}) {
    Bench stage;
    TapePlayer player(stage.loop, tape, {.speed = speed});
    const auto began = stage.clock.now();
    ask(player, request_for("{\"a\":1}"));
    stage.drive();
    const auto took =
        std::chrono::duration_cast<std::chrono::microseconds>(stage.clock.now() - began);
    CHECK(took == std::chrono::microseconds(
                      static_cast<std::int64_t>(static_cast<double>(length.count()) / speed)));
  }
}

TEST_CASE("step by step, nothing happens between the steps") {
  Bench bench;
  const auto recorded = record(bench);
  Bench stage;
  TapePlayer player(stage.loop, bench.read(), {.by_steps = true});
  const auto log = ask(player, request_for("{\"a\":1}"));
  stage.drive();
  CHECK(log->text.empty());
  CHECK(player.step());
  stage.drive();
  CHECK(log->text.starts_with("head 200"));
  CHECK(log->bytes.empty());
  while (player.step()) stage.drive();
  CHECK(log->text == recorded[0]);
}

TEST_CASE(
    "a recording changes nothing for the one who asked, and writing again gives the same tape") {
  Bench plain;
  Bench taped;
  record(taped);
  Bench again;
  TapePlayer player(again.loop, taped.read(), {.speed = 1});
  TapeRecorder recorder(player, again.loop, again.writer());
  for (const char* body : {"{\"a\":1}", "{\"b\":2}", "{\"a\":1}"}) {
    ask(recorder, request_for(body));
    again.drive();
  }
  CHECK(again.tape == taped.tape);
}

TEST_CASE("no secret is on the tape") {
  Bench bench;
  record(bench);
  CHECK(bench.tape.find("very-secret") == std::string::npos);
  CHECK(bench.tape.find("k2-secret") == std::string::npos);
  CHECK(bench.tape.find("[\"Authorization\",\"***\"]") != std::string::npos);
}

TEST_CASE("a key that an answer repeats and fields that are secret by their name are hidden") {
  Bench bench;
  bench.inner.answers = {{.headers = {{"Set-Cookie", "sid=very-private"}, {"X-Request-Id", "r7"}},
                          .pieces = {"you sent very-secret-key, yes very-secret-key"}}};
  TapeRecorder recorder(bench.inner, bench.loop, bench.writer());
  HttpRequest request{
      .url = "https://api.example/v1",
      .headers = {{"Authorization", "Bearer very-secret-key"}, {"X-Team-Token", "private-token"}}};
  const auto log = ask(recorder, std::move(request));
  bench.drive();
  CHECK(log->text.find("very-secret-key") != std::string::npos);
  for (const char* secret : {"very-secret-key", "very-private", "private-token"})
    CHECK(bench.tape.find(secret) == std::string::npos);
  CHECK(bench.read().exchanges[0].pieces[0].bytes ==
        "you sent ***************, yes ***************");
  CHECK(bench.tape.find("r7") != std::string::npos);
}

TEST_CASE("a tape tells the kind of the provider that asked, where one did") {
  HttpRequest request;
  request.url = "http://model.test/";
  const auto kind = [&] {
    const auto tape = parse_tape(kHeader + tape::request_line(1, {}, request) + "\n");
    REQUIRE(tape);
    return tape->exchanges.at(0).request.kind;
  };
  CHECK(kind().empty());
  CHECK(tape::request_line(1, {}, request).find("kind") == std::string::npos);
  request.kind = "anthropic";
  CHECK(kind() == "anthropic");
}

TEST_CASE("a tape tells when each exchange began, an older one does not") {
  Bench bench;
  bench.clock.advance(7s);
  record(bench);
  const auto exchanges = bench.read().exchanges;
  REQUIRE(exchanges.size() == 3);
  CHECK(exchanges[0].began == 0us);
  CHECK(exchanges[1].began == exchanges[0].end_time);
  CHECK(exchanges[2].began == *exchanges[1].began + exchanges[1].end_time);
  CHECK_FALSE(parse_tape(kHeader + kRequest)->exchanges[0].began);
}

TEST_CASE("a field that its request calls secret is hidden, whatever its name") {
  HttpRequest request;
  request.url = "http://model.test/";
  request.headers = {{"X-Account", "number-4711"}, {"X-Plain", "to be read"}};
  request.secret_headers = {"x-account"};
  const std::string line = tape::request_line(1, {}, request);
  CHECK(line.find("number-4711") == std::string::npos);
  CHECK(line.find("to be read") != std::string::npos);
}

TEST_CASE("a key in a request's query is not on the tape, and the request is found again") {
  const std::string url = "http://model.test/v1?key=very-secret&team=a&api_key=other-secret";
  CHECK(tape::taped_url({.url = url}) == "http://model.test/v1?key=***&team=a&api_key=***");
  CHECK(tape::without_secrets("http://h/?a=1&key=#x") == "http://h/?a=1&key=#x");
  CHECK(tape::without_secrets("http://h/?key=a-long-secret&token=1&secret=2&b=3") ==
        "http://h/?key=***&token=***&secret=***&b=3");
  Bench bench;
  bench.inner.answers = {{.pieces = {"very-secret is wrong"}}};
  TapeRecorder recorder(bench.inner, bench.loop, bench.writer());
  ask(recorder, HttpRequest{.url = url});
  bench.drive();
  CHECK(bench.tape.find("very-secret") == std::string::npos);
  CHECK(bench.tape.find("other-secret") == std::string::npos);
  CHECK(bench.read().exchanges[0].request.url == tape::taped_url({.url = url}));
}

TEST_CASE("a request that the tape does not hold fails and says what comes next") {
  Bench bench;
  record(bench);
  Bench stage;
  TapePlayer player(stage.loop, bench.read(), {.speed = 0});
  const auto other = ask(player, request_for("{\"c\":3}"));
  const auto elsewhere = ask(player, request_for("{\"a\":1}", "https://api.example/v2"));
  CHECK(other->text.empty());
  stage.drive();
  CHECK(other->text.find("not_found") != std::string::npos);
  CHECK(other->text.find("in line 2, its body differs") != std::string::npos);
  CHECK(elsewhere->text.find("https://api.example/v1 in line 2") != std::string::npos);
  CHECK(player.left() == 3);
}

TEST_CASE("equal requests get their exchanges in order, others in between") {
  Bench bench;
  const auto recorded = record(bench);
  Bench stage;
  TapePlayer player(stage.loop, bench.read(), {.speed = 0});
  const auto second = ask(player, request_for("{\"b\":2}"));
  const auto first = ask(player, request_for("{\"a\":1}"));
  const auto third = ask(player, request_for("{\"a\":1}"));
  stage.drive();
  CHECK(first->text == recorded[0]);
  CHECK(second->text == recorded[1]);
  CHECK(third->text == recorded[2]);
}

TEST_CASE("stopping a played exchange cancels it within a turn") {
  Bench bench;
  record(bench);
  Bench stage;
  TapePlayer player(stage.loop, bench.read(), {.speed = 1});
  std::stop_source stop;
  const auto log = ask(player, request_for("{\"a\":1}"), stop.get_token());
  stop.request_stop();
  for (int i = 0; i < 10; ++i) stage.loop.poll(0us);
  CHECK(log->text == "end cut cancelled cancelled\n");
  stage.drive();
  CHECK(log->ended);
}

TEST_CASE(
    "when the tape cannot be written the exchange goes on, the host is told once, and nothing more "
    "is asked") {
  Bench bench;
  bench.inner.answers = {{.pieces = {"a", "b"}}, {.pieces = {"c"}}};
  int lines = 0, told = 0;
  TapeRecorder recorder(
      bench.inner, bench.loop, [&](std::string_view) { return ++lines < 4; }, [&] { ++told; });
  const auto log = ask(recorder, request_for("x"));
  bench.drive();
  CHECK(log->bytes == "ab");
  CHECK(log->ended);
  CHECK(lines == 4);
  CHECK(told == 1);
  const auto next = ask(recorder, request_for("y"));
  CHECK_FALSE(next->ended);  // never inside of start()
  bench.drive();
  CHECK(next->text.starts_with("end cut storage_failed the tape cannot be written"));
  CHECK(bench.inner.answers.size() == 1);
  CHECK(lines == 4);
  CHECK(told == 1);
}

TEST_CASE("a last line that was torn off is left out, any other one is a fault") {
  const std::string head =
      kHeader + kRequest + R"({"x":1,"t":5,"is":"head","status":200,"headers":[]})" + "\n";
  const auto tape = parse_tape(head + R"({"x":1,"t":6,"is":"body","body":"half of )");
  REQUIRE(tape);
  CHECK(tape->exchanges.at(0).pieces.empty());
  CHECK(tape->exchanges.at(0).end.error->code() == ErrorCode::network);
  CHECK(parse_tape(head + R"({"x":1,"t":6,"is":"body","body":"whole"})")
            ->exchanges[0]
            .pieces.size() == 1);
  CHECK_FALSE(parse_tape(head + "{\"x\":1,\n"));
  CHECK_FALSE(parse_tape(head + R"({"x":7,"t":6,"is":"body","body":"whole"})"));
  CHECK_FALSE(parse_tape(kHeader.substr(0, kHeader.size() / 2)));
}

TEST_CASE("an exchange whose end was not recorded ends as cut") {
  const auto tape =
      parse_tape(kHeader + kRequest + R"({"x":1,"t":5,"is":"head","status":200,"headers":[]})");
  REQUIRE(tape);
  CHECK(tape->exchanges.at(0).end.error->code() == ErrorCode::network);
  CHECK_FALSE(tape->exchanges.at(0).end.complete);
}

TEST_CASE("a malformed tape is refused with the line at fault") {
  auto what = [](const std::string& text) { return std::string(fault_of(text).what()); };
  CHECK(what("").find("line 0: the tape is empty") != std::string::npos);
  CHECK(what("{\"tape\":\"other\",\"version\":1}").find("line 1: must be the header") !=
        std::string::npos);
  CHECK(what(kHeader + "{half\n").find("line 2: ") != std::string::npos);
  CHECK(what(kHeader + "\n[1]").find("line 3: must be a JSON object") != std::string::npos);
  for (
      const char* line :
      {R"({"x":0,"t":0,"is":"request","method":"POST","url":"u","headers":[],"body":""})",
       R"({"x":1,"t":-1,"is":"request","method":"POST","url":"u","headers":[],"body":""})",
       R"({"x":1,"t":99999999999999999,"is":"request","method":"POST","url":"u","headers":[],"body":""})",
       R"({"x":1,"t":0,"is":"request","method":"POST","url":"u","headers":{},"body":""})",
       R"({"x":1,"t":0,"is":"request","method":"POST","url":"u","headers":[["a"]],"body":""})",
       R"({"x":1,"t":0,"is":"request","method":"POST","url":"u","headers":[]})",
       R"({"x":1,"t":0,"is":"request","method":"POST","url":"u","headers":[],"body64":"?"})",
       R"({"x":1,"t":0,"is":"request","at":-1,"method":"POST","url":"u","headers":[],"body":""})",
       R"({"x":1,"t":0,"is":"request","at":"0","method":"POST","url":"u","headers":[],"body":""})",
       R"({"x":7,"t":0,"is":"head","status":200,"headers":[]})"}) {
    CAPTURE(line);
    CHECK(what(kHeader + line).find("tape, line 2: ") == 0);
  }
  for (const char* line :
       {R"({"x":1,"t":0,"is":"head","status":9,"headers":[]})",
        R"({"x":1,"t":0,"is":"body","body":"early"})",
        R"({"x":1,"t":0,"is":"end","complete":false})",
        R"({"x":1,"t":0,"is":"end","error":{"code":"what"}})", R"({"x":1,"t":0,"is":"tail"})",
        R"({"x":1,"t":0,"is":"request","method":"G","url":"u","headers":[],"body":""})"}) {
    CAPTURE(line);
    CHECK(what(kHeader + kRequest + line).find("tape, line 3: ") == 0);
  }
  const std::string head = R"({"x":1,"t":5,"is":"head","status":200,"headers":[]})"
                           "\n";
  CHECK(what(kHeader + kRequest + head + R"({"x":1,"t":4,"is":"body","body":""})")
            .find("goes back") != std::string::npos);
}

TEST_CASE("a newer tape is a version mismatch, a huge one too large") {
  CHECK(fault_of("{\"tape\":\"scena\",\"version\":2}").code() == ErrorCode::version_mismatch);
  CHECK(parse_tape(kHeader, {.max_bytes = 10}).error().code() == ErrorCode::too_large);
  CHECK(parse_tape(kHeader + kRequest, {.max_exchanges = 0}).error().code() ==
        ErrorCode::too_large);
  CHECK(parse_tape(kHeader, {.max_line_bytes = 5}).error().code() == ErrorCode::too_large);
}

TEST_CASE("a tape file is made new, private, and read again") {
  char folder[] = "/tmp/scena_tape_XXXXXX";
  REQUIRE(::mkdtemp(folder) != nullptr);
  const std::string path = std::string(folder) + "/a.tape";
  Bench bench;
  bench.inner.answers = {{.pieces = {"a"}}};
  {
    auto writer = open_tape_file(path);
    REQUIRE(writer);
    TapeRecorder recorder(bench.inner, bench.loop, std::move(*writer));
    ask(recorder, request_for("x"));
    bench.drive();
  }
  CHECK(open_tape_file(path).error().code() == ErrorCode::already_exists);
  const auto tape = load_tape(path);
  REQUIRE(tape);
  CHECK(tape->exchanges.at(0).pieces.at(0).bytes == "a");
  CHECK(load_tape(path + "x").error().code() == ErrorCode::not_found);
  CHECK(load_tape(folder).error().code() != ErrorCode::ok);
  std::remove(path.c_str());
  ::rmdir(folder);
}
