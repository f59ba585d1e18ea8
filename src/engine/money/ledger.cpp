#include "engine/money/ledger.hpp"

#include <chrono>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "domain/message_json.hpp"
#include "domain/session_facts.hpp"
#include "guard/budget.hpp"

namespace scena::engine {
namespace {

constexpr const char* kKind = "ledger";
constexpr std::size_t kPage = 500;

bool matches(const CostQuery& query, const LedgerKey& key, const LedgerRow& row) {
  const auto is = [](const std::string& wanted, const std::string& given) {
    return wanted.empty() || wanted == given;
  };
  return is(query.session, key.session) && is(query.user, row.user) &&
         is(query.provider, key.provider) && is(query.model, key.model) &&
         is(query.preset, row.preset) && (query.from.empty() || key.day >= query.from) &&
         (query.to.empty() || key.day <= query.to);
}

std::string group_value(CostBy by, const LedgerKey& key, const LedgerRow& row) {
  switch (by) {
    case CostBy::session:
      return key.session;
    case CostBy::user:
      return row.user;
    case CostBy::provider:
      return key.provider;
    case CostBy::model:
      return key.model;
    case CostBy::preset:
      return row.preset;
    case CostBy::day:
      return key.day;
    case CostBy::month:
      return key.day.substr(0, 7);
  }
  return {};
}

// The index field that narrows a question most; the rest is judged row by row.
std::optional<std::pair<std::string, std::string>> index_of(const CostQuery& query) {
  if (!query.session.empty()) return std::pair("session", query.session);
  if (!query.user.empty()) return std::pair("user", query.user);
  if (!query.from.empty() && query.from == query.to) return std::pair("day", query.from);
  if (!query.from.empty() && query.from.substr(0, 7) == query.to.substr(0, 7))
    return std::pair("month", query.from.substr(0, 7));
  if (!query.model.empty()) return std::pair("model", query.model);
  return std::nullopt;
}

Result<BillPart> no_cost() {
  return Error::fixed(ErrorCode::storage_corrupt, "budget.settled: cost");
}

Result<BillPart> read_part(const Json& data) {
  const auto cost = Money::parse(data.value("cost", "0"));
  if (!cost) return no_cost();
  const auto found = data.find("usage");
  auto usage = found == data.end() ? Result<Usage>(Usage{}) : read_usage(*found);
  if (!usage) return usage.error();
  return BillPart{data.value("provider", ""), data.value("model", ""), *usage, *cost};
}

}  // namespace

bool is_day(const std::string& text) {
  const auto digits = [&text](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) {
      if (text[i] < '0' || text[i] > '9') return false;
    }
    return true;
  };
  if (text.size() != 10 || text[4] != '-' || text[7] != '-' || !digits(0, 4) || !digits(5, 7) ||
      !digits(8, 10)) {
    return false;
  }
  const auto number = [&text](std::size_t from) {
    return static_cast<unsigned>(10 * (text[from] - '0') + (text[from + 1] - '0'));
  };
  const std::chrono::year year(static_cast<int>(100 * number(0) + number(2)));
  return (year / static_cast<int>(number(5)) / static_cast<int>(number(8))).ok();
}

void LedgerRow::add(const Usage& more, Money more_cost) {
  ++calls;
  if (more.estimated) ++estimated;
  if (more.cached) ++cached;
  usage += more;
  usage.cached = false;  // of a sum it says nothing: `cached` counts
  cost += more_cost;
}

void write_others(JsonWriter& writer, const std::vector<BillPart>& others) {
  if (others.empty()) return;
  writer.key("others").begin_array();
  for (const BillPart& part : others) {
    writer.begin_object().member("provider", part.provider).member("model", part.model);
    writer.key("usage");
    write_usage(writer, part.usage);
    writer.member("cost", part.cost.to_string()).end_object();
  }
  writer.end_array();
}

std::string ledger_purpose(std::string_view purpose) {
  return purpose == to_string(Purpose::judge) ? std::string(purpose) : std::string();
}

RecordKey ledger_record_key(const std::string& tenant, const LedgerKey& key) {
  std::string id = key.session + "/" + key.day + "/" + key.provider + "/" + key.model;
  if (!key.purpose.empty()) id = key.purpose + "/" + id;  // no session's id holds a slash
  return {tenant, kKind, std::move(id)};
}

RecordWrite ledger_record(const std::string& tenant, const LedgerKey& key, const LedgerRow& row) {
  RecordWrite record;
  record.key = ledger_record_key(tenant, key);
  JsonWriter writer(record.json);
  writer.begin_object()
      .member("session", key.session)
      .member("day", key.day)
      .member("provider", key.provider)
      .member("model", key.model);
  if (!key.purpose.empty()) writer.member("purpose", key.purpose);
  writer.member("user", row.user)
      .member("preset", row.preset)
      .member("calls", row.calls)
      .member("estimated", row.estimated)
      .member("cached", row.cached)
      .key("usage");
  write_usage(writer, row.usage);
  writer.member("cost", row.cost.to_string()).end_object();
  record.index = {{"session", key.session}, {"day", key.day}, {"month", key.day.substr(0, 7)}};
  if (!row.user.empty()) record.index.emplace_back("user", row.user);
  if (!key.model.empty()) record.index.emplace_back("model", key.model);
  return record;
}

Result<std::pair<LedgerKey, LedgerRow>> read_ledger_record(const Record& record) {
  const auto broken = [] {
    return Error::fixed(ErrorCode::storage_corrupt,
                        "a row of the ledger cannot be read; run `scena rebuild`");
  };
  const auto parsed = parse_json(record.json);
  if (!parsed || !parsed->is_object()) return broken();
  try {
    LedgerKey key{parsed->at("session").get<std::string>(), parsed->at("day").get<std::string>(),
                  parsed->at("provider").get<std::string>(), parsed->at("model").get<std::string>(),
                  parsed->value("purpose", "")};
    LedgerRow row;
    row.user = parsed->at("user").get<std::string>();
    row.preset = parsed->at("preset").get<std::string>();
    row.calls = parsed->at("calls").get<std::uint64_t>();
    row.estimated = parsed->at("estimated").get<std::uint64_t>();
    row.cached = parsed->at("cached").get<std::uint64_t>();
    const auto usage = read_usage(parsed->at("usage"));
    if (!usage) return broken();
    row.usage = *usage;
    const auto cost = Money::parse(parsed->at("cost").get_ref<const std::string&>());
    if (!cost) return broken();
    row.cost = *cost;
    return std::pair(std::move(key), std::move(row));
  } catch (const Json::exception&) {
    return broken();
  }
}

Result<void> fold_settlement(const Event& event, const SessionInfo& session, LedgerRows& rows) {
  if (event.type == "session.forked") rows.clear();  // what both share was the parent's
  if (event.type != "budget.settled") return {};
  const auto data = parse_json(event.data);
  if (!data || !data->is_object())
    return Error::fixed(ErrorCode::storage_corrupt, "budget.settled: no JSON object");
  const auto whole = read_part(*data);
  if (!whole) return whole.error();
  std::vector<BillPart> parts;
  if (const auto others = data->find("others"); others != data->end() && others->is_array()) {
    for (const Json& other : *others) {
      auto part = other.is_object() ? read_part(other) : no_cost();
      if (!part) return part.error();
      parts.push_back(std::move(*part));
    }
  }
  parts.insert(parts.begin(), own_part(*whole, parts));
  for (const BillPart& part : parts) {
    LedgerRow& row = rows[{session.id, guard::period_name(guard::BudgetPeriod::day, event.time),
                           part.provider, part.model, ledger_purpose(data->value("purpose", ""))}];
    row.user = session.owner;
    row.preset = session.preset;
    row.add(part.usage, part.cost);
  }
  return {};
}

Result<LedgerRows> read_ledger(Storage& storage, const std::string& tenant,
                               const std::optional<std::pair<std::string, std::string>>& where) {
  LedgerRows rows;
  RecordQuery query{.tenant = tenant, .kind = kKind, .limit = kPage, .where = where};
  for (;;) {
    auto page = storage.list(query);
    if (!page) return page.error();
    for (const auto& record : *page) {
      auto row = read_ledger_record(record);
      if (!row) return row.error();
      rows.insert(std::move(*row));
    }
    if (page->size() < kPage) return rows;
    query.after_id = page->back().key.id;
  }
}

Result<LedgerRows> fold_ledger(Storage& storage, const std::string& tenant,
                               const SessionInfo& session) {
  LedgerRows rows;
  const std::string stream = std::string(kSessionStreams) + session.id;
  for (std::uint64_t after = 0;;) {
    const auto events = storage.read_events(tenant, stream, after, kPage);
    if (!events) return events.error();
    for (const auto& event : *events) {
      if (auto folded = fold_settlement(event, session, rows); !folded) return folded.error();
    }
    if (events->size() < kPage) return rows;
    after = events->back().seq;
  }
}

Result<void> correct_ledger(Storage& storage, const std::string& tenant, const std::string& session,
                            const LedgerRows& rows, Batch& batch) {
  auto stored = read_ledger(storage, tenant, std::pair("session", session));
  if (!stored) return stored.error();
  for (const auto& [key, row] : rows) {
    const auto known = stored->find(key);
    if (known == stored->end() || known->second != row)
      batch.records.push_back(ledger_record(tenant, key, row));
  }
  for (const auto& [key, row] : *stored) {
    if (rows.contains(key)) continue;
    RecordWrite gone;
    gone.key = ledger_record_key(tenant, key);
    gone.erase = true;
    batch.records.push_back(std::move(gone));
  }
  return {};
}

Result<std::vector<CostRow>> add_up_costs(Storage& storage, const std::string& tenant,
                                          const CostQuery& query, const std::vector<CostBy>& by) {
  auto rows = read_ledger(storage, tenant, index_of(query));
  if (!rows) return rows.error();
  std::map<std::vector<std::string>, CostRow> sums;
  if (by.empty()) sums[{}];
  for (const auto& [key, row] : *rows) {
    if (!matches(query, key, row)) continue;
    std::vector<std::string> group;
    for (const CostBy one : by) group.push_back(group_value(one, key, row));
    CostRow& sum = sums[group];
    sum.calls += row.calls;
    sum.estimated += row.estimated;
    sum.cached += row.cached;
    sum.usage += row.usage;
    sum.cost += row.cost;
  }
  std::vector<CostRow> report;
  for (auto& [group, sum] : sums) {
    sum.group = group;
    report.push_back(std::move(sum));
  }
  return report;
}

}  // namespace scena::engine
