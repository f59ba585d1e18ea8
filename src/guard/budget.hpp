#pragma once

#include <cstddef>
#include <map>
#include <scena/error.hpp>
#include <scena/ext/clock.hpp>
#include <scena/result.hpp>
#include <scena/usage.hpp>
#include <span>
#include <string>
#include <vector>

namespace scena::guard {

/// Whose spending a budget bounds.
enum class BudgetScope { session, user, tenant };
const char* to_string(BudgetScope scope) noexcept;
/// Over which time: for ever, or a calendar day or month in UTC.
enum class BudgetPeriod { total, day, month };
const char* to_string(BudgetPeriod period) noexcept;

/// "2026-11-27", "2026-11", or empty for `total`.
std::string period_name(BudgetPeriod period, WallTime now);

/// One window of one budget.
struct BudgetKey {
  BudgetScope scope = BudgetScope::session;
  std::string tenant;
  std::string subject;  ///< Session or user id; of a tenant the purpose that it is for, or empty.
  std::string period;   ///< Of period_name().
  bool operator==(const BudgetKey&) const = default;
  auto operator<=>(const BudgetKey&) const = default;
};

/// Knows what was spent in a window, also by engines before this one. The engine keeps it over its
/// storage.
class BudgetBook {
 public:
  virtual ~BudgetBook() = default;
  virtual Result<Money> spent(const BudgetKey& key) = 0;
};

/// One window that a call counts against.
struct BudgetClaim {
  BudgetKey key;
  Money limit;
  std::vector<int> marks;  ///< In percent of the limit, ascending.
  bool partial = false;    ///< Less than the whole amount will do, as long as anything is left.
  Money reserved = {};     ///< What reserve() set aside here.
};

/// A mark that was passed by a settlement.
struct BudgetAlert {
  BudgetKey key;
  Money limit;
  Money spent;
  int mark = 0;
};

/// Money in windows: reserved before a call, settled after it.
///
/// What was spent only grows and is in the book, so that each mark is passed once in a window's
/// life, over any number of restarts. Windows without reservations are forgotten when there are
/// more than `max_windows`: the book brings them back.
class Budgets {
 public:
  /// `book` outlives this object.
  explicit Budgets(BudgetBook& book, std::size_t max_windows = 100'000)
      : book_(book), max_windows_(max_windows) {}

  /// Sets `amount` aside in every window, or in none: budget_exhausted naming the window without
  /// room, or what the book says. @return the least that is set aside in any window.
  Result<Money> reserve(std::span<BudgetClaim> claims, Money amount);
  /// Sets aside more until it is `total` in every window, or as near to that as the tightest has
  /// room: for a call that goes on beyond what was foreseen. @return the least that is set aside in
  /// any window now.
  Result<Money> raise(std::span<BudgetClaim> claims, Money total);
  /// Gives the reservation back and books what the call cost. @return the marks it passed. To be
  /// called before the settlement is in the book, or a window that is not known yet counts it
  /// twice.
  Result<std::vector<BudgetAlert>> settle(std::span<BudgetClaim> claims, Money cost);
  /// Gives the reservation back: the call was never made.
  void release(std::span<BudgetClaim> claims);
  /// The least that any of the windows has left, reservations taken off; never below zero.
  Result<Money> left(std::span<const BudgetClaim> claims);

  std::size_t windows() const noexcept { return windows_.size(); }

 private:
  struct Window {
    Money spent;
    Money reserved;
  };

  Result<Window*> window(const BudgetKey& key);
  Result<Money> room(const BudgetClaim& claim);
  void forget_some();

  BudgetBook& book_;
  const std::size_t max_windows_;
  std::map<BudgetKey, Window> windows_;
};

}  // namespace scena::guard
