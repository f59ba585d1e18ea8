#include "guard/budget.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <utility>

namespace scena::guard {
namespace {

constexpr std::array<const char*, 3> kScopes = {"session", "user", "tenant"};
constexpr std::array<const char*, 3> kPeriods = {"total", "day", "month"};

// spent / limit >= mark / 100, without a division and without overflow.
bool reaches(Money spent, Money limit, int mark) noexcept {
  __extension__ typedef __int128 Wide;
  return static_cast<Wide>(spent.pico_usd) * 100 >= static_cast<Wide>(limit.pico_usd) * mark;
}

Error exhausted(const BudgetClaim& claim) {
  std::string text = "the call could pass the budget of the ";
  text += to_string(claim.key.scope);
  if (!claim.key.period.empty()) text += " for " + claim.key.period;
  text += " (" + claim.limit.to_string() + " USD); raise it in \"policy.budgets\"";
  if (!claim.key.period.empty()) text += " or wait for the next";
  return Error(ErrorCode::budget_exhausted, std::move(text));
}

}  // namespace

const char* to_string(BudgetScope scope) noexcept {
  return kScopes[static_cast<std::size_t>(scope)];
}

const char* to_string(BudgetPeriod period) noexcept {
  return kPeriods[static_cast<std::size_t>(period)];
}

std::string period_name(BudgetPeriod period, WallTime now) {
  if (period == BudgetPeriod::total) return {};
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(now));
  std::array<char, 32> text{};
  const int size =
      period == BudgetPeriod::day
          ? std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                          static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()))
          : std::snprintf(text.data(), text.size(), "%04d-%02u", static_cast<int>(date.year()),
                          static_cast<unsigned>(date.month()));
  return {text.data(), static_cast<std::size_t>(std::max(size, 0))};
}

Result<Budgets::Window*> Budgets::window(const BudgetKey& key) {
  if (const auto known = windows_.find(key); known != windows_.end()) return &known->second;
  auto spent = book_.spent(key);
  if (!spent) return spent.error();
  if (windows_.size() >= max_windows_) forget_some();
  return &windows_.emplace(key, Window{*spent, {}}).first->second;
}

Result<Money> Budgets::room(const BudgetClaim& claim) {
  const auto held = window(claim.key);
  if (!held) return held.error();
  return claim.limit - (*held)->spent - (*held)->reserved;
}

void Budgets::forget_some() {
  std::erase_if(windows_, [](const auto& entry) { return entry.second.reserved == Money{}; });
}

Result<Money> Budgets::reserve(std::span<BudgetClaim> claims, Money amount) {
  for (BudgetClaim& claim : claims) {
    const auto free = room(claim);
    if (!free) return free.error();
    if (claim.partial ? *free <= Money{} : *free < amount) return exhausted(claim);
  }
  // Asked for again: making room for the last window may have dropped the first one.
  Money least{INT64_MAX};
  for (std::size_t i = 0; i < claims.size(); ++i) {
    const auto held = window(claims[i].key);
    if (!held) {
      release(claims.first(i));
      return held.error();
    }
    const Money free = claims[i].limit - (*held)->spent - (*held)->reserved;
    claims[i].reserved = claims[i].partial ? std::min(amount, free) : amount;
    (*held)->reserved += claims[i].reserved;
    least = std::min(least, claims[i].reserved);
  }
  return least;
}

Result<Money> Budgets::raise(std::span<BudgetClaim> claims, Money total) {
  for (const BudgetClaim& claim : claims) {
    const auto free = room(claim);
    if (!free) return free.error();
    total = std::min(total, claim.reserved + std::max(*free, Money{}));
  }
  Money least{INT64_MAX};
  for (BudgetClaim& claim : claims) {
    const auto held = window(claim.key);
    if (!held) return held.error();
    const Money more = std::max(total - claim.reserved, Money{});
    (*held)->reserved += more;
    claim.reserved += more;
    least = std::min(least, claim.reserved);
  }
  return least;
}

Result<std::vector<BudgetAlert>> Budgets::settle(std::span<BudgetClaim> claims, Money cost) {
  std::vector<BudgetAlert> alerts;
  for (BudgetClaim& claim : claims) {
    const auto held = window(claim.key);
    if (!held) return held.error();
    const Money before = (*held)->spent;
    (*held)->reserved = std::max((*held)->reserved - std::exchange(claim.reserved, {}), Money{});
    (*held)->spent += cost;
    for (const int mark : claim.marks) {
      if (!reaches(before, claim.limit, mark) && reaches((*held)->spent, claim.limit, mark))
        alerts.push_back({claim.key, claim.limit, (*held)->spent, mark});
    }
  }
  return alerts;
}

void Budgets::release(std::span<BudgetClaim> claims) {
  for (BudgetClaim& claim : claims) {
    const auto held = windows_.find(claim.key);
    const Money reserved = std::exchange(claim.reserved, {});
    if (held != windows_.end())
      held->second.reserved = std::max(held->second.reserved - reserved, Money{});
  }
}

Result<Money> Budgets::left(std::span<const BudgetClaim> claims) {
  Money least{INT64_MAX};
  for (const BudgetClaim& claim : claims) {
    const auto free = room(claim);
    if (!free) return free.error();
    least = std::min(least, *free);
  }
  return std::max(least, Money{});
}

}  // namespace scena::guard
