#pragma once

#define SCENA_ENABLE_UNSTABLE
#include <scena/scena.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <scena/engine.hpp>
#include <scena/error.hpp>
#include <scena/event.hpp>
#include <scena/session.hpp>
#include <string>

#include "ready_list.hpp"

/// What looks at freed memory on purpose is not the finding of a sanitizer.
#define SCENA_READS_FREED __attribute__((no_sanitize("address", "thread", "vptr")))

namespace scena::capi {

/// What an engine's handle shares with the handles made from it, which may outlive it.
struct EngineShared {
  std::atomic<bool> closed{false};
  std::shared_ptr<ReadyList> ready = std::make_shared<ReadyList>();
};

/// Last member of every handle. Debug and sanitizer builds tell a handle that was destroyed from a
/// live one by it, as long as its memory is not used again; release builds do not look.
class LifeMark {
#ifndef NDEBUG
 public:
  LifeMark() = default;
  LifeMark(const LifeMark&) noexcept {}  // each handle has its own
  LifeMark& operator=(const LifeMark&) = delete;
  ~LifeMark() {
    word_ = 0;
  }
  SCENA_READS_FREED bool is_alive() const noexcept {
    return word_ == kAlive;
  }

 private:
  static constexpr std::uint64_t kAlive = 0x616e6563732e6972;
  volatile std::uint64_t word_ = kAlive;  // volatile: the last write before the end is made
#endif
};

/// False for NULL and, in debug builds, for a handle that was destroyed.
template <class Handle>
SCENA_READS_FREED bool live(const Handle* handle) noexcept {
#ifdef NDEBUG
  return handle != nullptr;
#else
  return handle != nullptr && handle->life.is_alive();
#endif
}

/// False for a handle that was destroyed, where builds look for that; true for NULL.
template <class Handle>
bool none_or_live(const Handle* handle) noexcept {
  return handle == nullptr || live(handle);
}

}  // namespace scena::capi

struct scena_error {
  scena::Error error;
  // With the NUL at their ends that Error's own do not promise.
  std::string pointer;
  std::string provider_message;
  scena::capi::LifeMark life = {};
};

struct scena_engine {
  explicit scena_engine(scena::Engine opened) : engine(std::move(opened)) {}
  scena_engine(scena::Engine same, std::shared_ptr<scena::capi::EngineShared> with)
      : engine(std::move(same)), is_owner(false), shared(std::move(with)) {}
  scena::Engine engine;
  bool is_owner = true;  // false: the same engine under somebody's rights, which ends nothing
  std::shared_ptr<scena::capi::EngineShared> shared = std::make_shared<scena::capi::EngineShared>();
  scena::capi::LifeMark life = {};
};

struct scena_session {
  scena::Session session;
  std::shared_ptr<scena::capi::EngineShared> shared;
  scena::capi::LifeMark life = {};
};

struct scena_turn {
  std::optional<scena::Turn> turn = {};  // empty only before the handle is given out
  std::shared_ptr<scena::capi::ReadyList> ready = {};
  std::string id = {};
  scena::capi::ReadyMark mark = {};
  scena::capi::LifeMark life = {};
};

struct scena_events {
  scena::Events events;
  std::shared_ptr<scena::capi::EngineShared> shared;
  bool writes_deltas = true;  // as JSON
  // What the last event handed out points into; memory is used again for the next one.
  scena::Event event = {};
  std::string json = {};
  std::string cursor = {};
  bool is_held = false;  // `event` was taken from the queue and not handed out yet
  scena::capi::ReadyMark mark = {};
  scena::capi::LifeMark life = {};
};
