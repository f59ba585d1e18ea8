#pragma once

#include <fmt/format.h>

#include <scena/ext/storage.hpp>
#include <span>
#include <stdexcept>

#include "base/sha256.hpp"

namespace scena::contract {

/// One promise of the contract, and the steps that look whether it is kept; they throw if not.
struct Case {
  const char* promise;
  void (*run)(Storage&);
};

/// The part of the contract that is about jobs.
std::span<const Case> job_cases();

using std::chrono::seconds;

inline constexpr WallTime kNow{std::chrono::microseconds(1'790'000'000'000'000)};

inline void expect(bool kept, std::string_view what) {
  if (!kept) throw std::runtime_error(std::string(what));
}

template <class T>
T must(Result<T> result, std::string_view what) {
  if (!result) throw std::runtime_error(fmt::format("{}: {}", what, result.error().what()));
  return std::move(result).value();
}

inline void must(const Result<void>& result, std::string_view what) {
  if (!result) throw std::runtime_error(fmt::format("{}: {}", what, result.error().what()));
}

template <class T>
inline void expect_error(const Result<T>& result, ErrorCode code, std::string_view what) {
  if (result) throw std::runtime_error(fmt::format("{}: was accepted", what));
  if (result.error().code() != code) {
    throw std::runtime_error(fmt::format("{}: {} in place of {}", what,
                                         to_string(result.error().code()), to_string(code)));
  }
}

inline Result<void> commit(Storage& store, Batch batch) {
  auto results = store.commit(std::span<const Batch>(&batch, 1));
  expect(results.size() == 1, "commit() answers once for each batch");
  return results.front();
}

inline void must_commit(Storage& store, Batch batch) {
  const auto result = commit(store, std::move(batch));
  if (!result) throw std::runtime_error(fmt::format("commit: {}", result.error().what()));
}

inline Event event(std::string stream, std::uint64_t seq, std::string data = "{}") {
  Event made;
  made.stream = std::move(stream);
  made.seq = seq;
  made.type = "message.stored";
  made.time = kNow + seconds(seq);
  made.actor = "anna";
  made.cause = "c1";
  made.data = std::move(data);
  return made;
}

inline Append append(std::string stream, std::uint64_t expected, std::size_t count = 1,
                     std::string tenant = "t") {
  Append made{.tenant = std::move(tenant), .stream = stream, .expected_seq = expected};
  for (std::size_t i = 1; i <= count; ++i) made.events.push_back(event(stream, expected + i));
  return made;
}

inline Batch appending(Append made) {
  return Batch{.appends = {std::move(made)}};
}

inline RecordWrite record(std::string id, std::string json = "{}",
                          std::optional<std::uint64_t> expected = {}) {
  return {.key = {"t", "session", std::move(id)},
          .expected_version = expected,
          .json = std::move(json)};
}

inline Batch recording(RecordWrite write) {
  return Batch{.records = {std::move(write)}};
}

inline JobWrite job(std::string id, JobWrite::Op op = JobWrite::Op::enqueue) {
  return {.op = op,
          .tenant = "t",
          .kind = "analysis",
          .id = std::move(id),
          .payload = "{}",
          .run_after = kNow,
          .now = kNow};
}

inline JobClaim claiming(int later = 0) {
  return {.kind = "analysis",
          .owner = "one",
          .now = kNow + seconds(later),
          .until = kNow + seconds(later + 30)};
}

inline Batch jobs(std::vector<JobWrite> writes) {
  return Batch{.jobs = std::move(writes)};
}

inline BlobWrite blob(std::string bytes) {
  return {"t", sha256_hex(bytes), "image/png", bytes};
}

inline std::uint64_t last(Storage& store, std::string_view stream, std::string_view tenant = "t") {
  return must(store.last_seq(tenant, stream), "last_seq");
}

inline std::vector<Event> all(Storage& store, std::string_view stream, std::uint64_t after = 0,
                              std::size_t limit = 1000) {
  return must(store.read_events("t", stream, after, limit), "read_events");
}

inline std::vector<std::string> ids(Storage& store, const RecordQuery& query) {
  std::vector<std::string> found;
  for (const auto& each : must(store.list(query), "list")) found.push_back(each.key.id);
  return found;
}

}  // namespace scena::contract
