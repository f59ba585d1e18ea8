#pragma once

#include <initializer_list>
#include <string>

#include "bus/delta_batch.hpp"

namespace scena::test {

inline BusItem deltas(std::uint64_t seq, std::uint64_t start,
                      std::initializer_list<std::string_view> tokens, std::string turn = "t1",
                      Audience audience = {}) {
  auto batch = std::make_shared<DeltaBatch>();
  batch->stream = "session:s";
  batch->turn = std::move(turn);
  batch->seq = seq;
  batch->start = start;
  batch->actor = "alice";
  batch->audience = std::move(audience);
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
