#include "guard/budget.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace scena;
using namespace scena::guard;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t kUsd = 1'000'000'000'000;

Money usd(std::int64_t cents) {
  return {cents * (kUsd / 100)};
}

struct Book final : BudgetBook {
  std::map<BudgetKey, Money> written;
  int reads = 0;
  bool broken = false;
  Result<Money> spent(const BudgetKey& key) override {
    ++reads;
    if (broken) return Error::fixed(ErrorCode::storage_failed, "no book");
    return written[key];
  }
};

BudgetClaim claim(BudgetScope scope, const std::string& subject, Money limit,
                  const std::string& period = {}) {
  return {{scope, "t", subject, period}, limit, {50, 80, 100}};
}

std::vector<int> marks(const Result<std::vector<BudgetAlert>>& alerts) {
  std::vector<int> all;
  for (const auto& alert : *alerts) all.push_back(alert.mark);
  return all;
}

}  // namespace

TEST_CASE("windows are calendar days and months in UTC") {
  const WallTime day(std::chrono::sys_days(std::chrono::year(2026) / 2 / 28));
  CHECK(period_name(BudgetPeriod::day, day) == "2026-02-28");
  CHECK(period_name(BudgetPeriod::day, day + 24h - 1us) == "2026-02-28");
  CHECK(period_name(BudgetPeriod::day, day + 24h) == "2026-03-01");
  CHECK(period_name(BudgetPeriod::month, day) == "2026-02");
  CHECK(period_name(BudgetPeriod::month, day + 24h) == "2026-03");
  CHECK(period_name(BudgetPeriod::total, day).empty());
}

TEST_CASE("a reservation is refused when it could pass any window, and then reserves in none") {
  Book book;
  Budgets budgets(book);
  std::vector<BudgetClaim> claims = {claim(BudgetScope::session, "s", usd(100)),
                                     claim(BudgetScope::user, "u", usd(50))};
  CHECK(budgets.reserve(claims, usd(50)));
  const auto refused = budgets.reserve(claims, Money{1});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == ErrorCode::budget_exhausted);
  CHECK(std::string(refused.error().what()).find("user") != std::string::npos);
  CHECK(*budgets.left(std::span(claims).first(1)) == usd(50));
  CHECK(*budgets.left(claims) == Money{});
  budgets.release(claims);
  CHECK(*budgets.left(claims) == usd(50));
}

TEST_CASE("each mark is told once in a window, also by a process that comes later") {
  Book book;
  std::vector<BudgetClaim> day = {claim(BudgetScope::user, "u", usd(100), "2026-11-27")};
  const auto spend = [&](Budgets& budgets, std::int64_t cents) {
    const auto alerts = budgets.settle(day, usd(cents));
    book.written[day[0].key] += usd(cents);
    return marks(alerts);
  };
  Budgets first(book);
  CHECK(spend(first, 49).empty());
  CHECK(spend(first, 1) == std::vector<int>{50});
  CHECK(spend(first, 20).empty());
  Budgets second(book);
  CHECK(spend(second, 5).empty());
  CHECK(spend(second, 30) == std::vector<int>{80, 100});
  CHECK(spend(second, 30).empty());
  Budgets third(book);
  CHECK(spend(third, 1).empty());
}

TEST_CASE("the next window begins at zero and tells its marks anew") {
  Book book;
  Budgets budgets(book);
  for (const char* period : {"2026-11-27", "2026-11-28"}) {
    std::vector<BudgetClaim> claims = {claim(BudgetScope::tenant, "", usd(10), period)};
    CHECK(*budgets.left(claims) == usd(10));
    CHECK(budgets.reserve(claims, usd(10)));
    CHECK(marks(budgets.settle(claims, usd(10))) == std::vector<int>{50, 80, 100});
  }
}

TEST_CASE("a call that cost more than was reserved is booked whole") {
  Book book;
  Budgets budgets(book);
  std::vector<BudgetClaim> claims = {claim(BudgetScope::session, "s", usd(100))};
  CHECK(budgets.reserve(claims, usd(10)));
  CHECK(budgets.settle(claims, usd(130))->size() == 3);
  CHECK(*budgets.left(claims) == Money{});
  CHECK_FALSE(budgets.reserve(claims, Money{1}));
}

TEST_CASE("a partial claim takes what is left, and nothing of an empty window") {
  Book book;
  Budgets budgets(book);
  std::vector<BudgetClaim> claims = {claim(BudgetScope::session, "s", usd(100))};
  claims[0].partial = true;
  CHECK(*budgets.reserve(claims, usd(70)) == usd(70));
  std::vector<BudgetClaim> second = claims;
  CHECK(*budgets.reserve(second, usd(70)) == usd(30));
  CHECK(second[0].reserved == usd(30));
  std::vector<BudgetClaim> third = claims;
  CHECK_FALSE(budgets.reserve(third, usd(1)));
  CHECK(budgets.settle(second, usd(10)));
  CHECK(*budgets.left(claims) == usd(20));
}

TEST_CASE("a call that goes on sets more aside, as far as the tightest window has room") {
  Book book;
  Budgets budgets(book);
  std::vector<BudgetClaim> first = {claim(BudgetScope::user, "u", usd(100)),
                                    claim(BudgetScope::tenant, "", usd(60))};
  std::vector<BudgetClaim> second = first;
  CHECK(*budgets.reserve(first, usd(10)) == usd(10));
  CHECK(*budgets.reserve(second, usd(10)) == usd(10));
  CHECK(*budgets.raise(first, usd(30)) == usd(30));
  CHECK(*budgets.raise(first, usd(20)) == usd(30));
  CHECK(*budgets.raise(second, usd(40)) == usd(30));
  CHECK(second[0].reserved == usd(30));
  CHECK(*budgets.raise(first, usd(31)) == usd(30));
  budgets.release(second);
  CHECK(*budgets.raise(first, usd(80)) == usd(60));
  CHECK(budgets.settle(first, usd(40)));
  CHECK(*budgets.left(first) == usd(20));
}

TEST_CASE("without its book a window admits nothing") {
  Book book;
  book.broken = true;
  Budgets budgets(book);
  std::vector<BudgetClaim> claims = {claim(BudgetScope::session, "s", usd(100))};
  CHECK(budgets.reserve(claims, usd(1)).error().code() == ErrorCode::storage_failed);
}

TEST_CASE("sums stay exact while windows are forgotten and read from the book again") {
  Book book;
  Budgets budgets(book, 8);
  std::mt19937_64 random(5);
  std::map<std::string, Money> truth;
  for (int i = 0; i < 20'000; ++i) {
    const std::string user = std::to_string(random() % 50);
    std::vector<BudgetClaim> claims = {claim(BudgetScope::user, user, usd(1'000'000)),
                                       claim(BudgetScope::tenant, "", usd(1'000'000))};
    const Money reserved{static_cast<std::int64_t>(random() % kUsd)};
    const Money cost{static_cast<std::int64_t>(random() % kUsd)};
    REQUIRE(budgets.reserve(claims, reserved));
    if (random() % 5 == 0) {
      budgets.release(claims);
      continue;
    }
    REQUIRE(budgets.settle(claims, cost));
    for (const auto& one : claims) book.written[one.key] += cost;
    truth[user] += cost;
    REQUIRE(*budgets.left(std::span(claims).first(1)) == usd(1'000'000) - truth[user]);
  }
  CHECK(budgets.windows() <= 16);
  CHECK(book.reads > 1'000);
}
