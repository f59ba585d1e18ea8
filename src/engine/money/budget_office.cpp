#include "engine/money/budget_office.hpp"

#include "base/json_writer.hpp"
#include "engine/money/ledger.hpp"

namespace scena::engine {
namespace {

guard::BudgetScope scope_of(BudgetOf of) noexcept {
  return static_cast<guard::BudgetScope>(of);
}

guard::BudgetPeriod period_of(BudgetOver over) noexcept {
  return static_cast<guard::BudgetPeriod>(over);
}

bool binds(const BudgetRule& rule, const Spender& who) {
  if (!rule.tier.empty() && rule.tier != who.tier) return false;
  return rule.of != BudgetOf::user || !who.user.empty();
}

std::string subject_of(BudgetOf of, const Spender& who) {
  switch (of) {
    case BudgetOf::session:
      return who.session;
    case BudgetOf::user:
      return who.user;
    case BudgetOf::tenant:
      break;
  }
  return {};
}

// The index field with the fewest rows that hold a window.
std::optional<std::pair<std::string, std::string>> index_of(const guard::BudgetKey& key) {
  if (key.scope == guard::BudgetScope::session) return std::pair("session", key.subject);
  if (key.scope == guard::BudgetScope::user) return std::pair("user", key.subject);
  if (key.period.empty()) return std::nullopt;
  return std::pair(key.period.size() == 7 ? "month" : "day", key.period);
}

}  // namespace

std::vector<guard::BudgetClaim> budget_claims(const std::vector<BudgetRule>& rules,
                                              const Spender& who, WallTime now) {
  std::vector<guard::BudgetClaim> claims;
  for (const BudgetRule& rule : rules) {
    if (!binds(rule, who)) continue;
    claims.push_back({{scope_of(rule.of), who.tenant, subject_of(rule.of, who),
                       guard::period_name(period_of(rule.over), now)},
                      rule.limit,
                      rule.marks,
                      rule.at_limit == AtLimit::cut,
                      {}});
  }
  return claims;
}

guard::BudgetClaim purpose_claim(std::string purpose, const std::string& tenant, Money limit,
                                 WallTime now) {
  return {{guard::BudgetScope::tenant, tenant, std::move(purpose),
           guard::period_name(guard::BudgetPeriod::day, now)},
          limit,
          {},
          false,
          {}};
}

const PolicyTarget* cheaper_target(const std::vector<BudgetRule>& rules, const Spender& who) {
  for (const BudgetRule& rule : rules) {
    if (binds(rule, who) && rule.at_limit == AtLimit::cheaper) return &rule.cheaper;
  }
  return nullptr;
}

class BudgetOffice::Book final : public guard::BudgetBook {
 public:
  explicit Book(Store store) : store_(std::move(store)) {}

  Result<Money> spent(const guard::BudgetKey& key) override {
    const auto storage = store_();
    auto rows = read_ledger(*storage, key.tenant, index_of(key));
    if (!rows) return rows.error();
    Money sum;
    const bool one_purpose = key.scope == guard::BudgetScope::tenant && !key.subject.empty();
    for (const auto& [row_key, row] : *rows) {
      if (one_purpose && row_key.purpose != key.subject) continue;
      if (row_key.day.starts_with(key.period)) sum += row.cost;
    }
    return sum;
  }

 private:
  Store store_;
};

BudgetOffice::BudgetOffice(Store store)
    : book_(std::make_unique<Book>(std::move(store))), budgets_(*book_) {}
BudgetOffice::~BudgetOffice() = default;

Result<Money> BudgetOffice::reserve(std::vector<guard::BudgetClaim>& claims, Money amount) {
  std::lock_guard lock(mutex_);
  return budgets_.reserve(claims, amount);
}

Result<std::vector<guard::BudgetAlert>> BudgetOffice::settle(
    std::vector<guard::BudgetClaim>& claims, Money cost) {
  if (claims.empty()) return std::vector<guard::BudgetAlert>{};
  std::lock_guard lock(mutex_);
  return budgets_.settle(claims, cost);
}

Result<Money> BudgetOffice::raise(std::vector<guard::BudgetClaim>& claims, Money total) {
  std::lock_guard lock(mutex_);
  return budgets_.raise(claims, total);
}

Result<Money> BudgetOffice::left(const std::vector<guard::BudgetClaim>& claims) {
  std::lock_guard lock(mutex_);
  return budgets_.left(claims);
}

void BudgetOffice::release(std::vector<guard::BudgetClaim>& claims) noexcept {
  if (claims.empty()) return;
  std::lock_guard lock(mutex_);
  budgets_.release(claims);
}

std::string alert_data(const guard::BudgetAlert& alert) {
  std::string data;
  JsonWriter writer(data);
  writer.begin_object().member("of", to_string(alert.key.scope));
  if (!alert.key.subject.empty()) writer.member("subject", alert.key.subject);
  if (!alert.key.period.empty()) writer.member("period", alert.key.period);
  writer.member("mark", alert.mark)
      .member("limit", alert.limit.to_string())
      .member("spent", alert.spent.to_string())
      .end_object();
  return data;
}

}  // namespace scena::engine
