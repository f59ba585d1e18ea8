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

struct scena_error {
  scena::Error error;
  std::string pointer;  // with the NUL at its end that Error::pointer() does not promise
};

struct scena_engine {
  explicit scena_engine(scena::Engine opened) : engine(std::move(opened)) {}
  scena::Engine engine;
  // Shared with the queues, which may outlive the engine and then say so.
  std::shared_ptr<std::atomic<bool>> closed = std::make_shared<std::atomic<bool>>(false);
};

struct scena_session {
  scena::Session session;
  std::shared_ptr<std::atomic<bool>> engine_closed;
};

struct scena_turn {
  std::optional<scena::Turn> turn;  // empty only before the handle is given out
};

struct scena_events {
  scena::Events events;
  std::shared_ptr<std::atomic<bool>> engine_closed;
  // What the last event handed out points into; memory is used again for the next one.
  scena::Event event = {};
  std::string json = {};
  std::string cursor = {};
  bool is_held = false;  // `event` was taken from the queue and not handed out yet
};
