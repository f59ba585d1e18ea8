#include "base/log.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <scena/log_sinks.hpp>

#include "base/base64.hpp"
#include "base/clock.hpp"
#include "base/id.hpp"
#include "base/json.hpp"
#include "base/json_writer.hpp"

using namespace scena;
using namespace std::chrono_literals;

namespace {

// A log whose lines are kept as parsed JSON.
struct Harness {
  VirtualClock clock;
  std::vector<std::string> lines;
  std::shared_ptr<Log> log;

  explicit Harness(LogOptions options = {}) {
    auto sink = json_lines_sink([this](std::string_view line) { lines.emplace_back(line); });
    log = std::make_shared<Log>(std::move(sink), clock, std::move(options));
  }
  Json last() const {
    REQUIRE_FALSE(lines.empty());
    auto parsed = parse_json(std::string_view(lines.back()).substr(0, lines.back().size() - 1));
    if (!parsed) FAIL(lines.back());
    return *parsed;
  }
  std::string shown(std::string_view value) {
    log->logger("test").info("line", {{"value", value}});
    return last()["fields"]["value"];
  }
};

std::string random_word(Random& random, std::size_t length, std::string_view alphabet) {
  std::string word;
  for (std::size_t i = 0; i < length; ++i) word += alphabet[random.below(alphabet.size())];
  return word;
}

constexpr std::string_view kLetters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

std::string read_all(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

struct Folder {
  std::string path =
      (std::filesystem::temp_directory_path() / ("scena_log_test_" + std::to_string(::getpid())))
          .string();
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
};

}  // namespace

TEST_CASE("a module has its own level, the rest the common one") {
  Harness harness(
      {.level = LogLevel::warn, .levels = {{"net", LogLevel::debug}, {"llm", LogLevel::off}}});
  const Logger net = harness.log->logger("net"), llm = harness.log->logger("llm"),
               other = harness.log->logger("bus");
  net.trace("no");
  net.debug("yes");
  llm.error("no");
  other.info("no");
  other.warn("yes");
  CHECK(harness.lines.size() == 2);
  CHECK_FALSE(llm.enabled(LogLevel::error));
  CHECK_FALSE(Logger().enabled(LogLevel::error));
  Logger().error("nowhere");
  CHECK_FALSE(std::make_shared<Log>(nullptr, harness.clock, LogOptions{})
                  ->logger("x")
                  .enabled(LogLevel::error));
}

TEST_CASE("what a sink writes itself is lost and counted, and it waits for nothing") {
  VirtualClock clock;
  std::shared_ptr<Log> log;
  int lines = 0;
  auto sink = json_lines_sink([&](std::string_view) {
    ++lines;
    log->logger("inside").info("again");
  });
  log = std::make_shared<Log>(std::move(sink), clock, LogOptions{});
  log->logger("outside").info("first");
  log->logger("outside").info("second");
  CHECK(lines == 2);
  CHECK(log->lost() == 2);
}

TEST_CASE("a child's lines carry its parent's fields") {
  Harness harness;
  const Logger parent = harness.log->logger("net").with({{"session", "s1"}, {"attempt", 1}});
  const Logger child = parent.with({{"turn", "t1"}, {"attempt", 2}});
  child.info("hello", {{"count", -5}, {"ok", true}});
  CHECK(
      harness.last()["fields"] ==
      Json({{"session", "s1"}, {"turn", "t1"}, {"attempt", "2"}, {"count", "-5"}, {"ok", "true"}}));
  CHECK(harness.last()["module"] == "net");
  CHECK(harness.last()["level"] == "info");
  CHECK(harness.last()["time"] == "2026-01-01T00:00:00.000000Z");
  parent.info("hello");
  CHECK(harness.last()["fields"]["attempt"] == "1");
}

TEST_CASE("every line is valid JSON, also with line ends, NUL and broken UTF-8 in values") {
  Harness harness;
  const std::string odd("a\n\r\"\\\0\x1b\xFF\xC3 end", 14);
  harness.log->logger("m").warn(odd, {{odd, odd}, {"same", 1}, {"same", 2}});
  CHECK(harness.lines.back().find('\n') == harness.lines.back().size() - 1);
  Random random(1);
  for (int i = 0; i < 500; ++i) {
    std::string bytes;
    for (std::size_t n = random.below(40); n > 0; --n)
      bytes += static_cast<char>(random.below(255) + 1);
    harness.log->logger("m").warn(bytes, {{bytes, bytes}, {"b", bytes}});
    CHECK(harness.last().is_object());
  }
}

TEST_CASE("a pretty line cannot be forged and drives no terminal") {
  std::string out;
  VirtualClock clock;
  const auto log = std::make_shared<Log>(
      pretty_sink([&out](std::string_view line) { out += line; }), clock, LogOptions{});
  log->logger("net").warn("provider failed",
                          {{"status", 503}, {"name", "a b"}, {"odd", "x\n\x1b[2J\x7F\xC2\x9B"}});
  CHECK(out ==
        "00:00:00.000 WARN  net      provider failed  status=503  name=\"a b\"  "
        "odd=\"x\\n\\u001b[2J\\u007f\\u009b\"\n");
}

TEST_CASE("texts of messages stay out of the log unless asked for") {
  Harness quiet, loud({.message_text = true});
  for (Harness* harness : {&quiet, &loud}) {
    harness->log->logger("m").info("stored",
                                   {{"text", "what I said"}, {"Prompt", "be kind"}, {"bytes", 11}});
  }
  CHECK(quiet.last()["fields"] == Json({{"bytes", "11"}}));
  CHECK(loud.last()["fields"]["text"] == "what I said");
}

TEST_CASE("values with sensitive names are never shown, counts of tokens are") {
  Harness harness;
  const Logger log = harness.log->logger("m");
  for (const char* name : {"key", "API_KEY", "apiKey", "x-api-key", "access_token", "refreshToken",
                           "password", "client_secret", "Authorization", "Set-Cookie",
                           "proxy-authorization", "private.key", "passphrase", "OPENAI_API_KEY"}) {
    log.info("line", {{name, "hunter2"}});
    CHECK_MESSAGE(harness.last()["fields"][name] == "***", std::string(name));
  }
  for (const char* name :
       {"input_tokens", "max_tokens", "token_count", "session", "keyboard", "author"}) {
    log.info("line", {{name, "12"}});
    CHECK_MESSAGE(harness.last()["fields"][name] == "12", std::string(name));
  }
}

TEST_CASE("credentials are taken out of any value by their form") {
  Harness harness;
  CHECK(harness.shown("Authorization: Bearer abc.def-123 x") == "Authorization: ***");
  CHECK(harness.shown("got bearer abc.def here") == "got bearer *** here");
  CHECK(harness.shown("Basic dXNlcjpwYXNz") == "Basic ***");
  CHECK(harness.shown("a basic understanding") == "a basic understanding");
  CHECK(harness.shown("key sk-proj-4f9a8e7d6c refused") == "key *** refused");
  CHECK(harness.shown("ask-not") == "ask-not");
  CHECK(harness.shown("at http://bob:hunter2@h:80/x?y=1") == "at http://bob:***@h:80/x?y=1");
  CHECK(harness.shown("https://h/x?api_key=hunter2&b=1") == "https://h/x?api_key=***&b=1");
  CHECK(harness.shown(R"({"password":"hun\"ter2","n":1})") == R"({"password":"***","n":1})");
  CHECK(harness.shown("Cookie: a=1; b=2\nnext") == "Cookie: ***\nnext");
  CHECK(harness.shown("connect: refused") == "connect: refused");
}

TEST_CASE("a registered secret appears nowhere, wherever and however it is written") {
  constexpr std::string_view kOdd = "abcXYZ019 /+=%&\"\\<>@:#?~\n\t{}";
  Random random(7);
  for (int round = 0; round < 300; ++round) {
    Harness harness({.message_text = true});
    const std::string secret =
        random_word(random, 6 + random.below(30), round % 2 ? kLetters : kOdd);
    const std::string longer = secret + random_word(random, 4, kLetters);
    harness.log->redactor().add(Secret(secret));
    harness.log->redactor().add(Secret(longer));
    std::string quoted, percent;
    JsonWriter::quote(quoted, secret);
    static constexpr char kHex[] = "0123456789ABCDEF";
    for (char c : secret) {
      const auto byte = static_cast<unsigned char>(c);
      if (kLetters.find(c) != std::string_view::npos)
        percent += c;
      else
        percent += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
    const auto around = [&random](std::string_view inner) {
      return random_word(random, random.below(12), kLetters) + std::string(inner) +
             random_word(random, random.below(12), kLetters);
    };
    for (const std::string& form :
         {secret, longer, quoted.substr(1, quoted.size() - 2), percent, base64_encode(secret)}) {
      const std::string value = around(form);
      harness.log->logger("m")
          .with({{"ctx", value}})
          .error(value, {{"text", value}, {"url", "http://h/" + value}});
      const Json line = harness.last();
      for (const std::string& place :
           {line["message"].get<std::string>(), line["fields"]["ctx"].get<std::string>(),
            line["fields"]["text"].get<std::string>(), line["fields"]["url"].get<std::string>()}) {
        CHECK(place.find(form) == std::string::npos);
        CHECK(place.find(secret) == std::string::npos);
      }
    }
  }
}

TEST_CASE("of a registered secret that begins with another one nothing is left") {
  Redactor redactor;
  redactor.add(Secret("wide open"));
  redactor.add(Secret("wide open spaces"));
  CHECK(redactor.redact("to wide open spaces, wide open") == "to ***, ***");
}

TEST_CASE(
    "secrets that nobody registered never appear in the places where they are known to stand") {
  Random random(11);
  Harness harness;
  for (int round = 0; round < 1000; ++round) {
    const std::string secret = random_word(random, 12 + random.below(20), kLetters);
    const std::string places[] = {"http://user:" + secret + "@host/path",
                                  "Authorization: Bearer " + secret,
                                  "bearer  " + secret,
                                  "{\"api_key\": \"" + secret + "\"}",
                                  "token=" + secret + "&x=1",
                                  "sk-" + secret,
                                  "Cookie: sid=" + secret + "; a=b",
                                  "X-Api-Key: " + secret,
                                  "password='" + secret + "'"};
    const std::string& value = places[random.below(std::size(places))];
    const std::string shown = harness.shown(random_word(random, random.below(5), " \n,;") + value);
    CHECK_MESSAGE(shown.find(secret) == std::string::npos, shown);
  }
}

TEST_CASE("a log file is put aside by size and no line is lost") {
  const Folder folder;
  const std::string path = folder.path + "/a.log";
  VirtualClock clock;
  {
    const auto log = std::make_shared<Log>(*file_sink(path, {.max_bytes = 1000, .keep = 100}),
                                           clock, LogOptions{});
    for (int i = 0; i < 300; ++i) log->logger("m").info("line", {{"n", i}});
  }
  int expected = 0;
  std::vector<std::string> files{path};
  for (int i = 1; std::filesystem::exists(path + "." + std::to_string(i)); ++i)
    files.insert(files.begin(), path + "." + std::to_string(i));
  CHECK(files.size() > 10);
  for (const auto& name : files) {
    CHECK(std::filesystem::file_size(name) <= 1000);
    std::istringstream lines(read_all(name));
    for (std::string line; std::getline(lines, line); ++expected) {
      CHECK((*parse_json(line))["fields"]["n"] == std::to_string(expected));
    }
  }
  CHECK(expected == 300);
  CHECK((std::filesystem::status(path).permissions() & std::filesystem::perms::all) ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
}

TEST_CASE("a log file is put aside by age and only as many are kept as asked for") {
  const Folder folder;
  const std::string path = folder.path + "/b.log";
  VirtualClock clock;
  const auto log =
      std::make_shared<Log>(*file_sink(path, {.keep = 2, .max_age = 3600s}), clock, LogOptions{});
  for (int hour = 0; hour < 5; ++hour) {
    log->logger("m").info("line", {{"hour", hour}});
    clock.advance(1800s);
    log->logger("m").info("line", {{"hour", hour}});
    clock.advance(1800s);
  }
  CHECK(std::filesystem::exists(path + ".2"));
  CHECK_FALSE(std::filesystem::exists(path + ".3"));
  const std::string last = read_all(path), before = read_all(path + ".1");
  CHECK(std::count(last.begin(), last.end(), '\n') == 2);
  CHECK(before.find("\"hour\":\"3\"") != std::string::npos);
}

TEST_CASE("a log file that cannot be opened is named, a zero limit refused") {
  CHECK(file_sink("/no/such/folder/a.log").error().code() == ErrorCode::storage_failed);
  CHECK(std::string(file_sink("/no/such/folder/a.log").error().what())
            .find("/no/such/folder/a.log") != std::string::npos);
  CHECK(file_sink("x", {.max_bytes = 0}).error().code() == ErrorCode::invalid_argument);
}

TEST_CASE("a line writer that throws does not reach the program") {
  VirtualClock clock;
  const auto log = std::make_shared<Log>(json_lines_sink([](std::string_view) { throw 1; }), clock,
                                         LogOptions{});
  log->logger("m").error("line");
}
