#pragma once

#include <map>
#include <optional>
#include <scena/costs.hpp>
#include <scena/event.hpp>
#include <scena/ext/storage.hpp>
#include <scena/session.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.hpp"
#include "engine/money/bill.hpp"

namespace scena::engine {

/// Which calls one row of the ledger adds up: those of one session to one model on one day (UTC);
/// those of a judge apart from all others.
struct LedgerKey {
  std::string session;
  std::string day;
  std::string provider;
  std::string model;
  std::string purpose;  ///< "judge", or empty for all others.
  bool operator==(const LedgerKey&) const = default;
  auto operator<=>(const LedgerKey&) const = default;
};

/// One row, and whose it is. Only the session's own strand writes it, in the commit that settles
/// the call: so the ledger equals the `budget.settled` events at every moment.
struct LedgerRow {
  std::string user;
  std::string preset;
  std::uint64_t calls = 0;
  std::uint64_t estimated = 0;
  std::uint64_t cached = 0;
  Usage usage;
  Money cost;

  void add(const Usage& more, Money more_cost);
  bool operator==(const LedgerRow&) const = default;
};

using LedgerRows = std::map<LedgerKey, LedgerRow>;

/// "others" of `budget.settled`, where there are any.
void write_others(JsonWriter& writer, const std::vector<BillPart>& others);

/// LedgerKey::purpose of a call with that purpose.
std::string ledger_purpose(std::string_view purpose);

RecordKey ledger_record_key(const std::string& tenant, const LedgerKey& key);
RecordWrite ledger_record(const std::string& tenant, const LedgerKey& key, const LedgerRow& row);
/// @return storage_corrupt when the record is no row.
Result<std::pair<LedgerKey, LedgerRow>> read_ledger_record(const Record& record);

/// Adds a settled call of the session's own stream; a fork begins anew.
Result<void> fold_settlement(const Event& event, const SessionInfo& session, LedgerRows& rows);

/// Every row whose index field has that value; all rows of the tenant without a field.
Result<LedgerRows> read_ledger(Storage& storage, const std::string& tenant,
                               const std::optional<std::pair<std::string, std::string>>& where);

/// The rows of a session as the events of its own stream in the store give them.
Result<LedgerRows> fold_ledger(Storage& storage, const std::string& tenant,
                               const SessionInfo& session);
/// Adds to `batch` what the stored rows of that session lack, or have more than `rows`.
Result<void> correct_ledger(Storage& storage, const std::string& tenant, const std::string& session,
                            const LedgerRows& rows, Batch& batch);

/// True for a day of the calendar, as "2026-11-01".
bool is_day(const std::string& text);

/// The rows that match, added up by `by`; without any, one row of everything.
Result<std::vector<CostRow>> add_up_costs(Storage& storage, const std::string& tenant,
                                          const CostQuery& query, const std::vector<CostBy>& by);

}  // namespace scena::engine
