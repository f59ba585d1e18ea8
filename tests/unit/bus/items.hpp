#pragma once

#include <initializer_list>
#include <string>

#include "bus/delta_batch.hpp"

namespace scena::test {

inline std::shared_ptr<const DeltaEnvelope> envelope(std::string turn, std::string type = "delta",
                                                     Audience audience = {}) {
  return std::make_shared<const DeltaEnvelope>(DeltaEnvelope{
      "session:s", std::move(turn), std::move(type), "alice", std::move(audience), {}});
}

inline BusItem deltas(std::uint64_t seq, std::uint64_t start,
                      std::initializer_list<std::string_view> tokens, std::string turn = "t1",
                      Audience audience = {}) {
  auto batch = std::make_shared<DeltaBatch>();
  batch->envelope = envelope(std::move(turn), "delta", std::move(audience));
  batch->seq = seq;
  batch->start = start;
  for (std::string_view token : tokens) batch->add(token);
  return BusItem(std::shared_ptr<const DeltaBatch>(std::move(batch)));
}

inline BusItem event(std::uint64_t seq, std::string type, std::string data = "{}",
                     Audience audience = {}) {
  auto made = std::make_shared<Event>();
  made->stream = "session:s";
  made->seq = seq;
  made->type = std::move(type);
  made->data = std::move(data);
  made->audience = std::move(audience);
  return BusItem(std::shared_ptr<const Event>(std::move(made)));
}

}  // namespace scena::test
