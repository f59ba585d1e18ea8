#pragma once

#define SCENA_ENABLE_UNSTABLE
#include <scena/scena.h>

#include <atomic>
#include <memory>
#include <optional>
#include <scena/engine.hpp>
#include <scena/error.hpp>
#include <scena/event.hpp>
#include <scena/session.hpp>
#include <string>

#include "ready_list.hpp"

namespace scena::capi {

/// What an engine's handle shares with the handles made from it, which may outlive it.
struct EngineShared {
  std::atomic<bool> closed{false};
  std::shared_ptr<ReadyList> ready = std::make_shared<ReadyList>();
};

}  // namespace scena::capi

struct scena_error {
  scena::Error error;
  std::string pointer;  // with the NUL at its end that Error::pointer() does not promise
};

struct scena_engine {
  explicit scena_engine(scena::Engine opened) : engine(std::move(opened)) {}
  scena_engine(scena::Engine same, std::shared_ptr<scena::capi::EngineShared> with)
      : engine(std::move(same)), is_owner(false), shared(std::move(with)) {}
  scena::Engine engine;
  bool is_owner = true;  // false: the same engine under somebody's rights, which ends nothing
  std::shared_ptr<scena::capi::EngineShared> shared = std::make_shared<scena::capi::EngineShared>();
};

struct scena_session {
  scena::Session session;
  std::shared_ptr<scena::capi::EngineShared> shared;
};

struct scena_turn {
  std::optional<scena::Turn> turn = {};  // empty only before the handle is given out
  std::shared_ptr<scena::capi::ReadyList> ready = {};
  std::string id = {};
  scena::capi::ReadyMark mark = {};
};

struct scena_events {
  scena::Events events;
  std::shared_ptr<scena::capi::EngineShared> shared;
  // What the last event handed out points into; memory is used again for the next one.
  scena::Event event = {};
  std::string json = {};
  std::string cursor = {};
  bool is_held = false;  // `event` was taken from the queue and not handed out yet
  scena::capi::ReadyMark mark = {};
};
