// Any bytes as the journal that a batch resumes from, and as its plan: read or refused, and what
// was read is written and read back equal.
#include <cstdint>
#include <cstdlib>
#include <scena/batch.hpp>

#include "engine/batch/journal.hpp"

using namespace scena;

namespace {

void expect(bool holds) {
  if (!holds) std::abort();
}

void read_as_journal(std::string_view text) {
  const auto journal = engine::read_journal(text);
  if (!journal) return;
  expect(journal->whole_bytes <= text.size());
  std::string rows;
  for (const auto& [key, row] : journal->rows) {
    expect(row.key == key);
    rows += "{\"row\":" + row.to_json() + "}\n";
  }
  const auto again = engine::read_journal(rows + "{\"row\":");
  expect(again.has_value() && again->whole_bytes == rows.size());
  expect(again->rows.size() == journal->rows.size());
  for (const auto& [key, row] : again->rows)
    expect(row.to_json() == journal->rows.at(key).to_json());
}

void read_as_plan(std::string_view text) {
  const auto plan = BatchPlan::from_json(text, "/nonexistent");
  if (plan) expect(plan->check().empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_as_journal(text);
  read_as_plan(text);
  return 0;
}
