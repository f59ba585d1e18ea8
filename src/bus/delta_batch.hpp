#pragma once

#include <cstdint>
#include <memory>
#include <scena/event.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace scena {

/// What all deltas of one running reply have in common.
struct DeltaEnvelope {
  std::string stream;
  std::string turn;
  std::string type = "delta";  ///< Or "reasoning.delta".
  std::string actor;
  Audience audience;
  std::string cause;
};

/// The deltas of one read of one running reply: one text buffer, shared by every queue it waits in.
/// Filled by the session, constant once published.
struct DeltaBatch {
  std::shared_ptr<const DeltaEnvelope> envelope;  ///< Never null once published.
  std::uint64_t seq = 0;                          ///< Of the durable event before.
  std::uint64_t start = 0;                        ///< Byte offset of `text` in the running text.
  std::string text;
  std::vector<std::uint32_t>
      ends;  ///< Where each delta ends in `text`; ascending, the last is its size.
  WallTime time{};

  /// Adds one delta; an empty one adds nothing.
  void add(std::string_view delta) {
    if (delta.empty()) return;
    text += delta;
    ends.push_back(static_cast<std::uint32_t>(text.size()));
  }
};

/// What travels over the bus: either deltas or one event, never both.
struct BusItem {
  BusItem() = default;
  BusItem(std::shared_ptr<const DeltaBatch> batch) : deltas(std::move(batch)) {}
  BusItem(std::shared_ptr<const Event> one) : event(std::move(one)) {}

  std::shared_ptr<const DeltaBatch> deltas;
  std::shared_ptr<const Event> event;
};

}  // namespace scena
