#pragma once

#include <memory>
#include <scena/engine.hpp>
#include <string>

#include "engine/actor/session_actor.hpp"
#include "engine/core.hpp"
#include "engine/turn/turn_state.hpp"

namespace scena {

/// The engine's side of an answer: when the last copy goes without one (no memory on the way), the
/// caller hears so instead of waiting for ever.
template <class T>
std::shared_ptr<T> promise_of(const std::shared_ptr<T>& answer) {
  return {answer.get(), [answer](T* waiting) {
            waiting->abandon(Error::fixed(
                ErrorCode::out_of_memory,
                "the command was given up for lack of memory; the session tells what was kept"));
          }};
}

class Engine::Impl {
 public:
  Impl(std::shared_ptr<engine::Core> engine_core, std::shared_ptr<const Principal> its_principal,
       bool owner)
      : core(std::move(engine_core)), principal(std::move(its_principal)), owns(owner) {}
  ~Impl() {
    if (!owns) return;
    if (core->inside_callback()) {
      core->close_outside();
    } else {
      core->close();
    }
  }
  Session session(const std::string& id);
  /// @throws Error closed, wrong_state after fork(), permission_denied unless it is the host.
  void may_store() const;
  Session create(std::shared_ptr<const engine::PresetSnapshot> snapshot, SessionOptions options);

  std::shared_ptr<engine::Core> core;
  std::shared_ptr<const Principal> principal;  // the handles of its sessions share it
  const Principal& who() const noexcept { return *principal; }
  bool owns;  // the Engine that open() returned closes; those of as() do not
};

/// Lets the library's own functions into the engine that they are handed.
struct EngineParts {
  static const Engine::Impl& of(const Engine& engine) noexcept { return *engine.impl_; }
  /// Engine::try_open() over another network than the system's.
  static Result<Engine> open(const Config& config, Dependencies dependencies,
                             engine::NetworkMaker make_network) noexcept;
};

class Session::Impl {
 public:
  /// Takes over the handle that Core::actor() counted.
  Impl(std::shared_ptr<engine::Core> engine_core, std::shared_ptr<engine::SessionActor> session,
       std::shared_ptr<const Principal> its_principal)
      : core(std::move(engine_core)),
        actor(std::move(session)),
        principal(std::move(its_principal)) {}
  ~Impl() { actor->drop_handle(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  /// Queues a command; its reply resolves the returned state with what `pick` takes of the result.
  template <class T, class Pick>
  Pending<T> queue(engine::Command command, Pick pick) const {
    auto state = std::make_shared<detail::PendingState<T>>(std::weak_ptr<detail::Driver>(core));
    if (auto fine = core->usable(); !fine) {
      state->resolve(fine.error());
      return Pending<T>(std::move(state));
    }
    const auto answer = promise_of(state);  // outlives a refusal, which is then what is heard
    engine::QueuedCommand queued;
    queued.command = std::move(command);
    queued.reply = [answer, pick = std::move(pick)](Result<engine::CommandResult> result) mutable {
      if (!result) return answer->resolve(result.error());
      answer->resolve(pick(std::move(*result)));
    };
    if (auto sent = send(std::move(queued)); !sent) answer->resolve(sent.error());
    return Pending<T>(std::move(state));
  }
  Pending<SessionInfo> queue_info(engine::Command command) const;
  Turn queue_turn(engine::Command command) const;
  Result<void> send(engine::QueuedCommand queued) const;
  /// A command of this kind with id, principal and options filled in.
  engine::Command command(SessionCommand kind, const std::string& command_id) const;
  engine::Command command(SessionCommand kind, const SendOptions& options) const;
  /// @throws Error not_found for somebody else's session, and for one that was deleted.
  void may_read() const;

  std::shared_ptr<engine::Core> core;
  std::shared_ptr<engine::SessionActor> actor;
  std::shared_ptr<const Principal> principal;
  const Principal& who() const noexcept { return *principal; }
};

class Turn::Impl {
 public:
  explicit Impl(std::shared_ptr<engine::TurnState> turn) : state(std::move(turn)) {}
  std::shared_ptr<engine::TurnState> state;
};

class Events::Impl {
 public:
  Impl(std::shared_ptr<engine::Core> engine_core, std::shared_ptr<engine::SessionActor> session,
       std::shared_ptr<engine::Viewer> reader, const SubscribeOptions& options)
      : core(std::move(engine_core)),
        actor(std::move(session)),
        viewer(std::move(reader)),
        batches(options.batches),
        types(options.types) {
    on_ready({});
    actor->add_handle();
  }
  ~Impl() {
    if (core->usable()) actor->detach(viewer);
    actor->drop_handle();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  bool take(Event& out);
  bool wants(const Event& event) const noexcept;
  /// Calls it, if there is one, when events arrive in an empty queue, and wakes the threads that
  /// wait for the engine's own.
  void on_ready(std::function<void()> callback);

  std::shared_ptr<engine::Core> core;
  std::shared_ptr<engine::SessionActor> actor;
  std::shared_ptr<engine::Viewer> viewer;
  const bool batches;
  const std::vector<std::string> types;
};

}  // namespace scena
