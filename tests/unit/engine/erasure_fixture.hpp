#pragma once

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <scena/ext/storage.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "support/forwarding_storage.hpp"
#include "support/temp_folder.hpp"

namespace scena::test {

/// Names of the folder's files that hold the words.
inline std::vector<std::string> files_with(const TempFolder& folder, const std::string& words) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    std::ifstream file(entry.path(), std::ios::binary);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    if (bytes.str().find(words) != std::string::npos)
      found.push_back(entry.path().filename().string());
  }
  return found;
}

/// Whether anything that the store gives out holds the words.
inline bool store_holds(Storage& storage, const std::string& words) {
  const auto has = [&](const std::string& text) { return text.find(words) != std::string::npos; };
  const auto streams = storage.streams("default", "", 1'000).value_or_throw();
  for (const auto& stream : streams) {
    const auto events = storage.read_events("default", stream, 0, 10'000).value_or_throw();
    for (const auto& event : events)
      if (has(event.data)) return true;
  }
  for (const char* kind : {"session", "command", "analytics", "ledger", "preset", "retention"}) {
    RecordQuery query;
    query.tenant = "default";
    query.kind = kind;
    query.limit = 1'000;
    const auto records = storage.list(query).value_or_throw();
    for (const auto& record : records)
      if (has(record.json)) return true;
  }
  JobQuery jobs;
  jobs.tenant = "default";
  jobs.limit = 1'000;
  const auto stored = storage.jobs(jobs).value_or_throw();
  for (const auto& job : stored)
    if (has(job.payload) || has(job.result)) return true;
  return false;
}

/// Says that the events of one session are no log any more.
struct TornStorage final : ForwardingStorage {
  using ForwardingStorage::ForwardingStorage;
  Result<std::vector<Event>> read_events(std::string_view tenant, std::string_view stream,
                                         std::uint64_t after, std::size_t limit) override {
    auto events = inner_->read_events(tenant, stream, after, limit);
    if (events && stream == torn) {
      for (Event& event : *events) event.data = "torn";
    }
    return events;
  }
  std::string torn;
};

}  // namespace scena::test
