#include "net/http_pool.hpp"

#include <algorithm>
#include <utility>

namespace scena::net {

HttpPool::HttpPool(Loop& loop, HttpConnectionContext& context, HttpClientStats& stats)
    : loop_(loop), context_(context), stats_(stats) {}

HttpPool::~HttpPool() {
  loop_.cancel(timer_);
  for (auto& [key, route] : routes_) {
    for (auto& idle : route.idle) idle.connection->close();
  }
}

Result<void> HttpPool::acquire(const HttpRoute& route, const std::string& key, HttpPoolUser& user,
                               bool fresh) {
  Route& state = routes_[key];
  const bool full = state.open >= context_.config.max_connections_per_host;
  if (fresh && full && !state.idle.empty()) {
    drop_oldest(state);
    make(route, key, state, user);
  } else if (fresh && !full) {
    make(route, key, state, user);
  } else if (has_room(state)) {
    hand_out(route, key, state, user);
  } else if (state.waiting.size() < kMaxWaiting) {
    state.waiting.push_back(&user);
  } else {
    return Error::fixed(ErrorCode::limit_reached,
                        "too many exchanges wait for a connection to this host");
  }
  return {};
}

void HttpPool::drop_oldest(Route& state) {
  const auto oldest = std::move(state.idle.front().connection);
  state.idle.erase(state.idle.begin());
  --stats_.idle_connections;
  drop(*oldest, state);
}

void HttpPool::make(const HttpRoute& route, const std::string& key, Route& state,
                    HttpPoolUser& user) {
  ++state.open;
  ++stats_.open_connections;
  ++stats_.connections_made;
  auto connection = std::make_shared<HttpConnection>(context_, route, key);
  connection->connect(user);
  user.on_connection(std::move(connection), false);
}

void HttpPool::forget(const std::string& key, HttpPoolUser& user) noexcept {
  const auto found = routes_.find(key);
  if (found != routes_.end()) std::erase(found->second.waiting, &user);
}

void HttpPool::release(std::shared_ptr<HttpConnection> connection, bool reusable) {
  const std::string key = connection->key();
  const auto found = routes_.find(key);
  if (found == routes_.end()) return connection->close();
  Route& state = found->second;
  if (reusable) {
    keep(std::move(connection), state);
  } else {
    drop(*connection, state);
  }
  if (state.waiting.empty()) return erase_if_unused(key);
  serve_later(key);
}

// Later, because the read that brought the answer's end may hold more: bytes that nobody asked for
// must find the connection idle, which ends it, and not in the next user's hands.
void HttpPool::serve_later(const std::string& key) {
  loop_.post([alive = std::weak_ptr(alive_), this, key] {
    if (!alive.expired()) serve(key);
  });
}

void HttpPool::serve(const std::string& key) {
  const auto found = routes_.find(key);
  if (found == routes_.end()) return;
  Route& state = found->second;
  while (!state.waiting.empty() && has_room(state)) {
    HttpPoolUser& next = *state.waiting.front();
    state.waiting.pop_front();
    hand_out(next.route(), key, state, next);
  }
}

bool HttpPool::has_room(const Route& state) const noexcept {
  return !state.idle.empty() || state.open < context_.config.max_connections_per_host;
}

void HttpPool::hand_out(const HttpRoute& route, const std::string& key, Route& state,
                        HttpPoolUser& user) {
  if (state.idle.empty()) return make(route, key, state, user);
  auto connection = std::move(state.idle.back().connection);
  state.idle.pop_back();
  --stats_.idle_connections;
  ++stats_.connections_reused;
  connection->attach(user);
  user.on_connection(std::move(connection), true);
}

void HttpPool::keep(std::shared_ptr<HttpConnection> connection, Route& state) {
  connection->detach([this](HttpConnection& dead) { drop_idle(dead); });
  state.idle.push_back({std::move(connection), loop_.now()});
  ++stats_.idle_connections;
  if (timer_ == 0) arm_timer();
}

void HttpPool::drop(HttpConnection& connection, Route& state) {
  connection.close();
  --state.open;
  --stats_.open_connections;
}

void HttpPool::drop_idle(HttpConnection& connection) {
  const std::string key = connection.key();
  const auto found = routes_.find(key);
  if (found == routes_.end()) return;
  auto& idle = found->second.idle;
  const auto place = std::find_if(idle.begin(), idle.end(), [&](const Idle& one) {
    return one.connection.get() == &connection;
  });
  if (place == idle.end()) return;
  const auto last = std::move(place->connection);
  idle.erase(place);
  --stats_.idle_connections;
  drop(*last, found->second);
  erase_if_unused(key);
}

void HttpPool::erase_if_unused(const std::string& key) {
  const auto found = routes_.find(key);
  if (found != routes_.end() && found->second.open == 0 && found->second.waiting.empty())
    routes_.erase(found);
}

void HttpPool::arm_timer() {
  // A look at half the time keeps connections at most 1.5 times as long, without a timer for each.
  const Duration half = context_.config.pool_idle / 2 + std::chrono::milliseconds(1);
  timer_ = loop_.after(half, [this] {
    timer_ = 0;
    expire();
  });
}

void HttpPool::expire() {
  const TimePoint now = loop_.now();
  std::vector<std::shared_ptr<HttpConnection>> old;
  for (const auto& [key, route] : routes_) {
    for (const Idle& idle : route.idle) {
      if (now - idle.since >= context_.config.pool_idle) old.push_back(idle.connection);
    }
  }
  for (const auto& connection : old) drop_idle(*connection);
  if (stats_.idle_connections > 0) arm_timer();
}

}  // namespace scena::net
