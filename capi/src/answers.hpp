#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <scena/engine.hpp>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "guard.hpp"

/// A text that a call gave out; the caller destroys it.
struct scena_text {
  std::string text;
  scena::capi::LifeMark life = {};
};

/// The answer of a queued command, whatever its type in C++.
struct scena_pending {
  virtual ~scena_pending() = default;
  virtual bool is_ready() const = 0;
  /// The answer as JSON. @throws Error what the command failed with; timeout.
  virtual std::string get(std::optional<std::chrono::milliseconds> timeout) const = 0;
  /// Calls `callback` when the answer is there.
  virtual void then(std::function<void()> callback) const = 0;

  std::shared_ptr<scena::capi::ReadyList> ready = {};
  std::stop_source stop{std::nostopstate};  // of what can be stopped
  scena::capi::ReadyMark mark = {};
  scena::capi::LifeMark life = {};
};

namespace scena::capi {

std::string to_json(const SessionInfo& info);
std::string to_json(const AsideResult& answer);
std::string to_json(const NextQuestion& question);
std::string to_json(const RunResult& run);
std::string to_json(const TurnResult& result);
/// A forked session: {"id": ...}, for scena_session_open().
std::string to_json(const Session& session);
std::string to_json(const Completion& reply);
std::string to_json(const Embeddings& vectors);
std::string to_json(const Explanation& explanation);
std::string to_json(const Job& job);
std::string to_json(bool answer);
std::string to_json(std::size_t count);
/// {"messages": [...]}, each as in `message.stored`, with what other events say of it.
std::string to_json(const std::vector<Message>& messages);

template <class T>
struct PendingOf final : scena_pending {
  std::optional<Pending<T>> pending;  // empty only before the handle is given out

  bool is_ready() const override { return pending->ready(); }
  std::string get(std::optional<std::chrono::milliseconds> timeout) const override {
    if constexpr (std::is_void_v<T>) {
      pending->get(timeout);
      return "null";
    } else {
      return to_json(pending->get(timeout));
    }
  }
  void then(std::function<void()> callback) const override {
    pending->then([callback = std::move(callback)](const Result<T>&) { callback(); });
  }
};

/// Queues a command by `queue()` and hands its answer out, if the caller wants it. The handle's
/// memory comes first: a command that was queued must not be reported as failed.
template <class Queue>
scena_status hand_out_pending(const EngineShared& shared, scena_pending** out_pending,
                              Queue&& queue) {
  using Answer = decltype(queue().get());
  auto handle = out_pending ? std::make_unique<PendingOf<Answer>>() : nullptr;
  auto pending = queue();
  if (handle) {
    handle->ready = shared.ready;
    handle->pending.emplace(std::move(pending));
    *out_pending = handle.release();
  }
  return SCENA_OK;
}

/// The same for the commands that start a turn.
template <class Queue>
scena_status hand_out_turn(const EngineShared& shared, scena_turn** out_turn, Queue&& queue) {
  auto handle = out_turn ? std::make_unique<scena_turn>() : nullptr;
  auto turn = queue();
  if (handle) {
    handle->ready = shared.ready;
    handle->turn.emplace(std::move(turn));
    *out_turn = handle.release();
  }
  return SCENA_OK;
}

/// Waits by `wait(timeout)` for what `is_there()` looks at. That it took too long is a status and
/// no error: an error that is a timeout is what the other side failed with.
template <class IsThere, class Wait>
scena_status wait_until(std::int64_t timeout_ms, IsThere&& is_there, Wait&& wait) {
  if (timeout_ms == 0 && !is_there()) return SCENA_TIMEOUT;
  try {
    wait(timeout_of(timeout_ms));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::timeout) throw;
    if (!is_there()) return SCENA_TIMEOUT;
    wait(std::chrono::milliseconds(0));  // it came this moment, or did fail so
  }
  return SCENA_OK;
}

inline scena_status hand_out_text(scena_text** out_text, std::string text) {
  *out_text = new scena_text{std::move(text)};
  return SCENA_OK;
}

/// 0 is "default" in C; in C++ the query's own default says what that is.
template <class Query>
void set_page(Query& query, const char* after, std::uint32_t limit) {
  query.after = text_or_empty(after);
  query.limit = limit;
}

/// The options of a message. @throws Error invalid_argument for a bad struct or deadline.
SendOptions read_send_options(const scena_send_options* options);

inline CommandOptions command(const char* command_id) {
  return CommandOptions{text_or_empty(command_id)};
}

}  // namespace scena::capi
