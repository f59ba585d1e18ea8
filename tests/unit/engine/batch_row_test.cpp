#include <doctest/doctest.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <scena/batch_row.hpp>

#include "engine/batch/board.hpp"
#include "engine/batch/journal.hpp"
#include "support/files.hpp"
#include "support/temp_folder.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;
using engine::BatchBoard;

namespace {

BatchRow row_of(const std::string& key, const std::string& outcome = "deal") {
  BatchRow row;
  row.key = key;
  row.preset = "job-interview";
  row.outcome = row.end = outcome;
  row.turns = 4;
  row.metrics["sentiment"] = 0.25;
  row.speakers["ann"]["sentiment"] = -0.5;
  row.cost = Money{1'500'000'000'000};
  return row;
}

BatchRow failed_row(const std::string& key) {
  BatchRow row = row_of(key, "failed");
  row.error = "timeout";
  row.metrics.clear();
  return row;
}

}  // namespace

TEST_CASE("the interval of a mean is Student's") {
  // Quantiles of the published tables: t(1) 12.706, t(2) 4.303, t(4) 2.776, t(29) 2.045.
  const auto half = [](std::size_t n) {  // of n values with standard deviation s and mean 0
    std::vector<double> values;
    for (std::size_t i = 0; i < n; ++i) values.push_back(static_cast<double>(i));
    const Interval found = mean_interval(values);
    const double count = static_cast<double>(n);
    const double deviation = std::sqrt(count * (count + 1) / 12);  // of 0, 1, ... n - 1
    CHECK(found.value == doctest::Approx((count - 1) / 2));
    CHECK(found.value - found.low == doctest::Approx(found.high - found.value));
    return (found.high - found.value) / deviation * std::sqrt(count);
  };
  CHECK(half(2) == doctest::Approx(12.7062).epsilon(1e-5));
  CHECK(half(3) == doctest::Approx(4.30265).epsilon(1e-5));
  CHECK(half(5) == doctest::Approx(2.77645).epsilon(1e-5));
  CHECK(half(30) == doctest::Approx(2.04523).epsilon(1e-5));
  CHECK(half(1000) == doctest::Approx(1.96234).epsilon(1e-5));
  CHECK(mean_interval({}) == Interval{});
  CHECK(mean_interval({3}) == Interval{1, 3, 3, 3});
  CHECK(mean_interval({3, 3, 3}) == Interval{3, 3, 3, 3});
}

TEST_CASE("the interval of a share is Wilson's and stays within 0 and 1") {
  // 10 of 50, and none and all of 10, as published tables have them.
  const Interval some = share_interval(10, 50);
  CHECK(some.value == doctest::Approx(0.2));
  CHECK(some.low == doctest::Approx(0.1124).epsilon(1e-3));
  CHECK(some.high == doctest::Approx(0.3304).epsilon(1e-3));
  CHECK(share_interval(0, 10).low == 0);
  CHECK(share_interval(0, 10).high == doctest::Approx(0.2775).epsilon(1e-3));
  CHECK(share_interval(10, 10).low == doctest::Approx(0.7225).epsilon(1e-3));
  CHECK(share_interval(10, 10).high == 1);
  CHECK(share_interval(0, 0) == Interval{});
}

TEST_CASE("rows come back from their lines as they were") {
  BatchRow row = row_of("a.s1");
  row.seed = 1ull << 60;
  row.error_message = "a \"quoted\"\nline, \xC3\xA9";
  const std::vector<BatchRow> rows{row, failed_row("a.s2")};
  const auto read = rows_from_jsonl(rows_to_jsonl(rows));
  REQUIRE(read);
  CHECK(*read == rows);
  const auto bad = rows_from_jsonl(row.to_json() + "\n{\"key\":3}\n");
  REQUIRE_FALSE(bad);
  CHECK(std::string(bad.error().what()).find("line 2") == 0);
  CHECK_FALSE(rows_from_jsonl("nonsense"));
}

TEST_CASE("a text that a spreadsheet would compute gets an apostrophe, and numbers stay") {
  BatchRow row = row_of("k");
  row.error_message = "=HYPERLINK(\"http://x\",\"a\")\r\nnext";
  row.model = "@sum, of";
  row.outcome = "-1+1";
  const std::string csv = rows_to_csv({row});
  CHECK(csv.find(",\"'=HYPERLINK(\"\"http://x\"\",\"\"a\"\")\r\nnext\",") != std::string::npos);
  CHECK(csv.find(",\"'@sum, of\",") != std::string::npos);
  CHECK(csv.find(",'-1+1,") != std::string::npos);
  CHECK(csv.find(",1.5,") != std::string::npos);
  CHECK(csv.ends_with(",0.25,-0.5\r\n"));
}

TEST_CASE("every metric has a column, empty where a row has none") {
  const std::string csv = rows_to_csv({failed_row("b"), row_of("a")});
  const std::string header = csv.substr(0, csv.find("\r\n"));
  CHECK(header.starts_with("key,digest,preset,"));
  CHECK(header.ends_with(",metric.sentiment,ann.sentiment"));
  const auto cells = [](std::string_view line) {
    return std::count(line.begin(), line.end(), ',');
  };
  const std::string second = csv.substr(header.size() + 2, csv.find("\r\n", header.size() + 2));
  CHECK(cells(second.substr(0, second.find("\r\n"))) == cells(header));
}

TEST_CASE("failed sessions count in no figure but their own share and the cost") {
  BatchRow failed = failed_row("c");
  failed.metrics["sentiment"] = 1;
  const auto groups = group_rows({row_of("a"), row_of("b", "none"), failed});
  REQUIRE(groups.size() == 2);
  const BatchGroup& group = groups[1];
  CHECK(group.rows == 3);
  CHECK(group.failed.value == doctest::Approx(1.0 / 3));
  CHECK(group.errors == std::map<std::string, std::size_t>{{"timeout", 1}});
  CHECK(groups_to_json(groups).find(R"("errors":{"timeout":1},"completed")") != std::string::npos);
  CHECK(group.outcomes.size() == 2);
  CHECK(group.outcomes.at("deal").value == 0.5);
  CHECK(group.outcomes.at("deal").count == 2);
  CHECK(group.metrics.at("sentiment").count == 2);
  CHECK(group.turns.count == 2);
  CHECK(group.cost == Money{4'500'000'000'000});
}

TEST_CASE("a group tells of outcomes that only others have") {
  BatchRow other = row_of("b", "none");
  other.preset = "angry-customer";
  const auto groups = group_rows({row_of("a"), other});
  REQUIRE(groups.size() == 3);
  CHECK(groups[0].preset.empty());
  CHECK(groups[2].outcomes.at("deal").value == 0);
}

TEST_CASE("a run starts only when it can be paid for, and the rest waits for what comes back") {
  const auto dollars = [](std::int64_t n) { return Money{n * 1'000'000'000'000}; };
  BatchBoard board({0, 1, 2, 3}, dollars(10), dollars(4), dollars(1));
  REQUIRE(board.next() == BatchBoard::Next::run);
  CHECK(board.start() == 0);
  REQUIRE(board.next() == BatchBoard::Next::run);
  CHECK(board.start() == 1);
  CHECK(board.next() == BatchBoard::Next::wait);  // 1 + 4 + 4 and another 4
  board.settle(dollars(1));
  REQUIRE(board.next() == BatchBoard::Next::run);  // 2 + 4 and another 4
  CHECK(board.start() == 2);
  board.settle(dollars(4));
  board.settle(dollars(4));
  CHECK(board.spent() == dollars(10));
  CHECK(board.next() == BatchBoard::Next::money);
}

TEST_CASE("without a limit every run starts, and then there is none") {
  BatchBoard board({5}, std::nullopt, Money{}, Money{});
  CHECK(board.start() == 5);
  CHECK(board.next() == BatchBoard::Next::none);
}

TEST_CASE("a journal cut at any byte gives whole rows and says where they end") {
  std::string text;
  for (int i = 0; i < 3; ++i)
    text += "{\"row\":" + row_of("k" + std::to_string(i)).to_json() + "}\n";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    const auto read = engine::read_journal(std::string_view(text).substr(0, cut));
    REQUIRE(read);
    const auto whole = static_cast<std::size_t>(
        std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(cut), '\n'));
    REQUIRE(read->rows.size() == whole);
    REQUIRE(read->whole_bytes <= cut);
  }
}

TEST_CASE("a damaged line before the last is told, not passed over") {
  const std::string row = "{\"row\":" + row_of("k").to_json() + "}\n";
  for (const char* line : {"{\"row\":{}}\n", "{}\n", "x\n", "\n", "{\"start\":\"k\"}\n"}) {
    const auto read = engine::read_journal(row + line + row);
    REQUIRE_FALSE(read);
    CHECK(read.error().code() == ErrorCode::storage_corrupt);
    CHECK(std::string(read.error().what()).find("line 2") != std::string::npos);
  }
}

TEST_CASE("a run that a crash ended has cost what was reserved, one given up what it told") {
  const std::string start = R"({"start":"a","reserved":"0.5"})"
                            "\n";
  const auto lost = [](const std::string& text) {
    return engine::read_journal(text).value_or_throw().lost.to_string();
  };
  CHECK(lost(start) == "0.5");
  CHECK(lost(start + start) == "1");
  CHECK(lost(start + "{\"lost\":\"a\",\"cost\":\"0.125\"}\n") == "0.125");
  CHECK(lost(start + "{\"row\":" + row_of("a").to_json() + "}\n") == "0");
}

TEST_CASE("two batches never work in one folder") {
  const TempFolder folder;
  auto first = engine::Journal::open(folder.file("out"));
  REQUIRE(first);
  const auto second = engine::Journal::open(folder.file("out"));
  REQUIRE_FALSE(second);
  CHECK(second.error().code() == ErrorCode::conflict);
}

TEST_CASE("a torn last line is cut off before the next one is written") {
  const TempFolder folder;
  {
    auto journal = engine::Journal::open(folder.path());
    REQUIRE(journal);
    REQUIRE(journal->finish(row_of("a")));
    REQUIRE(journal->finish(row_of("b")));
  }
  const std::string whole = read_file(folder.file("journal.jsonl"));
  std::filesystem::resize_file(folder.file("journal.jsonl"), whole.size() - 5);
  {
    auto journal = engine::Journal::open(folder.path());
    REQUIRE(journal);
    CHECK(journal->content().rows.size() == 1);
    REQUIRE(journal->finish(row_of("b")));
  }
  CHECK(read_file(folder.file("journal.jsonl")) == whole);
}

namespace {

// As a disk that fills: no file of this process grows over it.
class SizeLimit {
 public:
  explicit SizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~SizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  SizeLimit(const SizeLimit&) = delete;
  SizeLimit& operator=(const SizeLimit&) = delete;

 private:
  void (*handler_)(int);
  rlimit before_{};
};

}  // namespace

TEST_CASE("a line that could not be written whole leaves no trace, and the next one may fit") {
  const TempFolder folder;
  const std::string path = folder.file("journal.jsonl");
  {
    auto journal = engine::Journal::open(folder.path());
    REQUIRE(journal);
    REQUIRE(journal->finish(row_of("a")));
    const std::string before = read_file(path);
    {
      const SizeLimit limit(before.size() + 60);
      CHECK_FALSE(journal->finish(row_of("b")));
      CHECK(read_file(path) == before);
      CHECK(journal->lose("c", Money{}));
    }
    CHECK(journal->finish(row_of("d")));
  }
  const auto again = engine::Journal::open(folder.path());
  REQUIRE(again);
  CHECK(again->content().rows.size() == 2);
  CHECK(again->content().whole_bytes == read_file(path).size());
}
