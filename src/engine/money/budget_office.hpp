#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <scena/ext/storage.hpp>
#include <scena/policy.hpp>
#include <string>
#include <vector>

#include "guard/budget.hpp"

namespace scena::engine {

/// Whose money a call spends.
struct Spender {
  std::string tenant;
  std::string session;
  std::string user;  ///< Empty: budgets of users do not bind the call.
  std::string tier;
};

/// The windows that a call counts against by the policy's rules at that time.
std::vector<guard::BudgetClaim> budget_claims(const std::vector<BudgetRule>& rules,
                                              const Spender& who, WallTime now);
/// The window of what a tenant spends on one purpose (of ledger_purpose()) today.
guard::BudgetClaim purpose_claim(std::string purpose, const std::string& tenant, Money limit,
                                 WallTime now);
/// Where calls go that a rule of the spender's sends to a cheaper model; nullptr: nowhere.
const PolicyTarget* cheaper_target(const std::vector<BudgetRule>& rules, const Spender& who);

/// The budgets of one engine over the ledger of its store.
///
/// Threading: any thread.
class BudgetOffice {
 public:
  using Store = std::function<std::shared_ptr<Storage>()>;
  explicit BudgetOffice(Store store);
  ~BudgetOffice();

  /// As guard::Budgets, by one caller at a time.
  Result<Money> reserve(std::vector<guard::BudgetClaim>& claims, Money amount);
  Result<Money> raise(std::vector<guard::BudgetClaim>& claims, Money total);
  Result<Money> left(const std::vector<guard::BudgetClaim>& claims);
  Result<std::vector<guard::BudgetAlert>> settle(std::vector<guard::BudgetClaim>& claims,
                                                 Money cost);
  void release(std::vector<guard::BudgetClaim>& claims) noexcept;

 private:
  class Book;

  std::mutex mutex_;
  std::unique_ptr<Book> book_;
  guard::Budgets budgets_;
};

/// What one call has set aside: given back when the call goes away without having been settled.
class BudgetHold {
 public:
  /// `office` outlives this object.
  BudgetHold(BudgetOffice& office, std::vector<guard::BudgetClaim> claims)
      : office_(office), claims_(std::move(claims)) {}
  ~BudgetHold() { office_.release(claims_); }
  BudgetHold(const BudgetHold&) = delete;
  BudgetHold& operator=(const BudgetHold&) = delete;

  Result<Money> reserve(Money amount) { return office_.reserve(claims_, amount); }
  /// Sets aside more, up to `total`. @return what is set aside then.
  Result<Money> raise(Money total) { return office_.raise(claims_, total); }
  /// Gives back what is set aside: the amount is about to be asked for anew.
  void release() noexcept { office_.release(claims_); }
  Result<std::vector<guard::BudgetAlert>> settle(Money cost) {
    return office_.settle(claims_, cost);
  }

 private:
  BudgetOffice& office_;
  std::vector<guard::BudgetClaim> claims_;
};

/// What a call takes of its session's own budget while it runs, beyond what the log says was
/// reserved for it: given back when the call goes away.
class SessionExtra {
 public:
  /// `total`: of all calls of the session.
  explicit SessionExtra(std::shared_ptr<Money> total) : total_(std::move(total)) {}
  ~SessionExtra() { *total_ -= own_; }
  SessionExtra(const SessionExtra&) = delete;
  SessionExtra& operator=(const SessionExtra&) = delete;

  void add(Money more) noexcept {
    *total_ += more;
    own_ += more;
  }

 private:
  std::shared_ptr<Money> total_;
  Money own_;
};

/// The data of `budget.alert`.
std::string alert_data(const guard::BudgetAlert& alert);

}  // namespace scena::engine
