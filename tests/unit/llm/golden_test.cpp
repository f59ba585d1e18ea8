#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>

#include "base/json.hpp"
#include "base/text.hpp"
#include "llm/array_reply.hpp"
#include "llm/backends/anthropic/wire.hpp"
#include "llm/backends/cohere/wire.hpp"
#include "llm/backends/gemini/wire.hpp"
#include "llm/backends/ollama/wire.hpp"
#include "llm/backends/openai/wire.hpp"
#include "llm/backends/openai_responses/wire.hpp"
#include "llm/line_reply.hpp"
#include "llm/sse_reply.hpp"
#include "support/files.hpp"
#include "support/reply_log.hpp"
#include "support/sanitized.hpp"

using namespace scena;
using namespace scena::llm;
using scena::test::read_file;
using scena::test::ReplyLog;

namespace {

namespace fs = std::filesystem;

enum class Framing { events, lines, array };

struct Golden {
  std::string vendor, name, stream;
  std::string options;  // of the provider, a JSON object; empty: none
  std::vector<std::string> expected;
  Framing framing = Framing::events;
};

std::vector<Golden> load_goldens() {
  std::vector<Golden> goldens;
  for (const char* vendor :
       {"openai", "openai_responses", "anthropic", "gemini", "cohere", "ollama"}) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(fs::path(SCENA_TEST_DIR) / "golden" / vendor)) {
      const fs::path extension = entry.path().extension();
      if (extension == ".sse" || extension == ".ndjson" || extension == ".array")
        files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    for (fs::path file : files) {
      Golden golden{vendor, file.stem().string(), read_file(file), {}, {}};
      if (file.extension() == ".ndjson") golden.framing = Framing::lines;
      if (file.extension() == ".array") golden.framing = Framing::array;
      golden.options = read_file(file.replace_extension(".options"));
      const auto json = parse_json(read_file(file.replace_extension(".json")));
      if (json) golden.expected = json->get<std::vector<std::string>>();
      goldens.push_back(std::move(golden));
    }
  }
  return goldens;
}

const std::vector<Golden>& goldens() {
  static const std::vector<Golden> all = load_goldens();
  return all;
}

std::unique_ptr<ReplyReader> make_reader(const Golden& golden) {
  if (golden.vendor == "anthropic") return std::make_unique<anthropic::Reader>();
  if (golden.vendor == "gemini") return std::make_unique<gemini::Reader>();
  if (golden.vendor == "cohere") return std::make_unique<cohere::Reader>();
  if (golden.vendor == "ollama") return std::make_unique<ollama::Reader>();
  if (golden.vendor == "openai_responses") return std::make_unique<openai_responses::Reader>();
  const auto dialect = openai::read_dialect(golden.options, {});
  REQUIRE(dialect);
  return std::make_unique<openai::Reader>(*dialect);
}

// Feeds the pieces between the cuts, each from a buffer of its own, and ends the exchange.
std::shared_ptr<ReplyLog> run(const Golden& golden, std::string_view stream,
                              const std::vector<std::size_t>& cuts, const net::HttpEnd& end) {
  auto log = std::make_shared<ReplyLog>();
  const auto reader = make_reader(golden);
  ReplyProgress reply(log, golden.vendor, 4u << 20);
  SseReply events(*reader, reply, 1u << 20);
  LineReply lines(*reader, reply, 1u << 20);
  ArrayReply array(*reader, reply, 1u << 20);
  std::size_t from = 0;
  auto feed = [&](std::size_t to) {
    const std::vector<char> piece(stream.begin() + static_cast<std::ptrdiff_t>(from),
                                  stream.begin() + static_cast<std::ptrdiff_t>(to));
    const std::string_view bytes(piece.data(), piece.size());
    if (golden.framing == Framing::events) events.feed(bytes);
    if (golden.framing == Framing::lines) lines.feed(bytes);
    if (golden.framing == Framing::array) array.feed(bytes);
    reply.flush();
    from = to;
  };
  for (const std::size_t cut : cuts) feed(cut);
  feed(stream.size());
  if (golden.framing == Framing::events) events.finish();
  if (golden.framing == Framing::lines) lines.finish();
  if (golden.framing == Framing::array) array.finish();
  reply.finish(end);
  CHECK(log->late == 0);
  CHECK(log->ends.size() == 1);
  CHECK(is_valid_utf8(log->text));
  return log;
}

const net::HttpEnd kWhole{.complete = true, .got_head = true};
const net::HttpEnd kCut{.error = Error::fixed(ErrorCode::network, "connection reset"),
                        .got_head = true};

std::vector<std::size_t> every(std::size_t step, std::size_t size) {
  std::vector<std::size_t> cuts;
  for (std::size_t at = step; at < size; at += step) cuts.push_back(at);
  return cuts;
}

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// The events of all streams of a service that are read alike.
struct Pool {
  Golden reads;  // its vendor, options and framing
  std::vector<std::string> events, ends;
};

std::vector<Pool> pools() {
  std::vector<Pool> all;
  for (const Golden& golden : goldens()) {
    const auto alike = [&](const Pool& pool) {
      return pool.reads.vendor == golden.vendor && pool.reads.options == golden.options &&
             pool.reads.framing == golden.framing;
    };
    auto pool = std::find_if(all.begin(), all.end(), alike);
    if (pool == all.end()) pool = all.insert(all.end(), {golden, {}, {}});
    const std::string_view behind = golden.framing == Framing::lines ? "\n" : "\n\n";
    for (std::size_t at = 0; at < golden.stream.size();) {
      std::size_t end = golden.stream.find(behind, at);
      end = end == std::string::npos ? golden.stream.size() : end + behind.size();
      const std::string event = golden.stream.substr(at, end - at);
      constexpr std::string_view kEnds[] = {"[DONE]",      "completed",     "message_stop",
                                            "message-end", "\"done\":true", "rror"};
      const bool ends = std::any_of(std::begin(kEnds), std::end(kEnds), [&](std::string_view word) {
        return event.find(word) != std::string::npos;
      });
      (ends ? pool->ends : pool->events).push_back(event);
      at = end;
    }
  }
  std::erase_if(all, [](const Pool& pool) {
    return pool.reads.framing == Framing::array || pool.events.size() < 4;
  });
  return all;
}

}  // namespace

TEST_CASE("each golden stream gives the events that stand beside it") {
  REQUIRE(goldens().size() >= 130);
  for (const Golden& golden : goldens()) {
    CAPTURE(golden.vendor);
    CAPTURE(golden.name);
    const auto log = run(golden, golden.stream, {}, kWhole);
    CHECK(log->lines == golden.expected);
    if (const char* folder = std::getenv("SCENA_WRITE_GOLDEN")) {
      std::ofstream(fs::path(folder) / golden.vendor / (golden.name + ".json"))
          << Json(log->lines).dump(1) << "\n";
    }
  }
}

TEST_CASE("a stream gives the same events byte by byte, in pairs, and at random cuts") {
  std::mt19937 random(20261120);
  for (const Golden& golden : goldens()) {
    CAPTURE(golden.vendor);
    CAPTURE(golden.name);
    for (std::size_t step : {1, 2, 3, 7, 64, 300}) {
      CHECK(run(golden, golden.stream, every(step, golden.stream.size()), kWhole)->lines ==
            golden.expected);
    }
    for (int round = 0; round < 40; ++round) {
      std::vector<std::size_t> cuts(1 + random() % 12);
      for (auto& cut : cuts) cut = random() % golden.stream.size();
      std::sort(cuts.begin(), cuts.end());
      CHECK(run(golden, golden.stream, cuts, kWhole)->lines == golden.expected);
    }
  }
}

TEST_CASE("a stream cut off at any byte is never taken for a whole one") {
  // A sanitizer looks at every third byte, of each stream at others.
  constexpr std::size_t kStep = kSanitized ? 3 : 1;
  std::size_t streams = 0;
  for (const Golden& golden : goldens()) {
    CAPTURE(golden.vendor);
    CAPTURE(golden.name);
    const auto full = run(golden, golden.stream, {}, kWhole);
    for (std::size_t length = streams++ % kStep; length < golden.stream.size(); length += kStep) {
      CAPTURE(length);
      for (const net::HttpEnd& end : {kWhole, kCut}) {
        // Another test reads in small pieces; here the work is the square of the stream's length.
        const auto log =
            run(golden, std::string_view(golden.stream).substr(0, length), every(257, length), end);
        REQUIRE(full->text.starts_with(log->text));
        if (log->end().outcome == Outcome::complete) {
          REQUIRE(full->end().outcome == Outcome::complete);
          REQUIRE(log->text == full->text);
          REQUIRE(log->end().reason == full->end().reason);
        } else {
          REQUIRE(log->end().error);
          REQUIRE(
              (log->end().outcome == Outcome::truncated || log->end().outcome == Outcome::failed));
          // Half an event is the cut's fault, not the provider's.
          if (full->end().outcome == Outcome::complete)
            REQUIRE(log->end().error->code() == ErrorCode::network);
        }
      }
    }
  }
}

TEST_CASE("line ends and comments between events change nothing") {
  for (const Golden& golden : goldens()) {
    CAPTURE(golden.vendor);
    CAPTURE(golden.name);
    const std::string crlf = replace_all(golden.stream, "\n", "\r\n");
    const std::string cr = replace_all(golden.stream, "\n", "\r");
    const std::string comments =
        ": first\n\n" + replace_all(golden.stream, "\n\n", "\n\n: ping\n\n");
    for (std::size_t step : {std::size_t{1}, std::size_t{9}, crlf.size() * 2}) {
      CHECK(run(golden, crlf, every(step, crlf.size()), kWhole)->lines == golden.expected);
      if (golden.framing != Framing::events) continue;
      CHECK(run(golden, cr, every(step, cr.size()), kWhole)->lines == golden.expected);
      CHECK(run(golden, comments, every(step, comments.size()), kWhole)->lines == golden.expected);
    }
  }
}

// What a template makes of an event, and what its reader does, differ where one of them looks back
// and the other does not: events repeat, and come behind those of other streams.
TEST_CASE("events of a service's streams in any order mean the same whole and cut") {
  std::mt19937 random(20261201);
  for (const Pool& pool : pools()) {
    CAPTURE(pool.reads.vendor);
    CAPTURE(pool.reads.options);
    for (int round = 0; round < (test::kSanitized ? 60 : 800); ++round) {
      std::string stream, last;
      for (std::size_t count = 2 + random() % 14; count > 0; --count) {
        const auto& from = pool.ends.empty() || random() % 12 != 0 ? pool.events : pool.ends;
        if (last.empty() || random() % 3 != 0) last = from[random() % from.size()];
        stream += last;
      }
      CAPTURE(stream);
      const auto whole = run(pool.reads, stream, {}, kWhole)->lines;
      for (const std::size_t step : {1, 40, 333})
        CHECK(run(pool.reads, stream, every(step, stream.size()), kWhole)->lines == whole);
    }
  }
}

TEST_CASE("the reference names every golden stream, and none that does not exist") {
  const std::string page =
      read_file(fs::path(SCENA_TEST_DIR) / ".." / "docs" / "reference" / "wire-formats.md");
  REQUIRE_FALSE(page.empty());
  for (const Golden& golden : goldens()) {
    const std::string name = golden.vendor + "/" + golden.name;
    CAPTURE(name);
    CHECK(page.find("`" + name + "`") != std::string::npos);
  }
  for (const char* vendor :
       {"openai/", "openai_responses/", "anthropic/", "gemini/", "cohere/", "ollama/"}) {
    const std::string mark = std::string("`") + vendor;
    for (std::size_t at = 0; (at = page.find(mark, at)) != std::string::npos; ++at) {
      const std::string name = page.substr(at + 1, page.find('`', at + 1) - at - 1);
      CAPTURE(name);
      const std::string path = (fs::path(SCENA_TEST_DIR) / "golden" / name).string();
      CHECK((fs::exists(path + ".sse") || fs::exists(path + ".ndjson") ||
             fs::exists(path + ".array")));
    }
  }
}
