#pragma once

#include <scena/ext/storage.hpp>
#include <string>

namespace scena::test {

inline Batch one_event(const std::string& stream, std::uint64_t expected, std::string data = "{}",
                       std::string type = "app.x") {
  Event event;
  event.stream = stream;
  event.seq = expected + 1;
  event.type = std::move(type);
  event.time = WallTime(std::chrono::microseconds(1'790'000'000'000'000 +
                                                  static_cast<std::int64_t>(expected) * 1'000'000));
  event.actor = "anna";
  event.data = std::move(data);
  Append append{.tenant = "t", .stream = stream, .expected_seq = expected};
  append.events.push_back(std::move(event));
  Batch batch;
  batch.appends.push_back(std::move(append));
  return batch;
}

template <class T>
ErrorCode code_of(const Result<T>& result) {
  return result ? ErrorCode::ok : result.error().code();
}

/// Commits one event after `expected`; ok or the error's code.
inline ErrorCode append_one(Storage& store, const std::string& stream, std::uint64_t expected,
                            std::string data = "{}", std::string type = "app.x") {
  const auto batch = one_event(stream, expected, std::move(data), std::move(type));
  return code_of(store.commit(std::span<const Batch>(&batch, 1)).front());
}

}  // namespace scena::test
