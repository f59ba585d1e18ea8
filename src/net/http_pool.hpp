#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/http_connection.hpp"
#include "net/loop.hpp"

namespace scena::net {

/// Counters since the client was made.
struct HttpClientStats {
  std::uint64_t exchanges = 0;
  std::uint64_t connections_made = 0;
  std::uint64_t connections_reused = 0;
  std::uint64_t stale_retries = 0;       ///< A kept connection had died; asked again on a new one.
  std::uint64_t out_of_descriptors = 0;  ///< Connections refused by the system's limit.
  std::size_t open_connections = 0;      ///< Now, in use and kept.
  std::size_t idle_connections = 0;      ///< Now.
};

/// Who waits for a connection.
class HttpPoolUser : public HttpConnectionUser {
 public:
  /// A connection is the user's until release(). `reused`: it is ready and served before; else it
  /// is being made and on_ready follows.
  virtual void on_connection(std::shared_ptr<HttpConnection> connection, bool reused) = 0;
  virtual const HttpRoute& route() const noexcept = 0;
};

/// Keeps connections for the next exchange, at most `max_connections_per_host` a route and each
/// for `pool_idle`; who comes beyond waits in turn.
class HttpPool {
 public:
  static constexpr std::size_t kMaxWaiting =
      100'000;  ///< A route; more are refused, limit_reached.

  HttpPool(Loop& loop, HttpConnectionContext& context, HttpClientStats& stats);
  ~HttpPool();
  HttpPool(const HttpPool&) = delete;
  HttpPool& operator=(const HttpPool&) = delete;

  /// on_connection comes inside this call or, when the route is full, later. `fresh`: a new
  /// connection even when one is kept.
  Result<void> acquire(const HttpRoute& route, const std::string& key, HttpPoolUser& user,
                       bool fresh);
  /// Gives up waiting.
  void forget(const std::string& key, HttpPoolUser& user) noexcept;
  /// Gives a connection back; it is closed unless `reusable`.
  void release(std::shared_ptr<HttpConnection> connection, bool reusable);

 private:
  struct Idle {
    std::shared_ptr<HttpConnection> connection;
    TimePoint since;
  };
  struct Route {
    std::vector<Idle> idle;  // oldest first; the newest is used next
    std::size_t open = 0;    // in use and idle
    std::deque<HttpPoolUser*> waiting;
  };

  void make(const HttpRoute& route, const std::string& key, Route& state, HttpPoolUser& user);
  void hand_out(const HttpRoute& route, const std::string& key, Route& state, HttpPoolUser& user);
  bool has_room(const Route& state) const noexcept;
  void serve_later(const std::string& key);
  void serve(const std::string& key);
  void drop_oldest(Route& state);
  void keep(std::shared_ptr<HttpConnection> connection, Route& state);
  void drop(HttpConnection& connection, Route& state);
  void drop_idle(HttpConnection& connection);
  void erase_if_unused(const std::string& key);
  void expire();
  void arm_timer();

  Loop& loop_;
  HttpConnectionContext& context_;
  HttpClientStats& stats_;
  std::unordered_map<std::string, Route> routes_;
  TimerId timer_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace scena::net
