#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

#include "base/log.hpp"
#include "net/http.hpp"
#include "net/http_pool.hpp"
#include "net/inflate.hpp"
#include "net/response_parser.hpp"

namespace scena::net {

/// What the exchanges of one client share.
struct HttpExchangeContext {
  Loop& loop;
  HttpPool& pool;
  HttpClientStats& stats;
  SharedBuffer& unpacked;
  const Logger& log;
};

/// One request and its answer: takes a connection, sends, reads the answer into the sink, keeps the
/// time limits. Owns no buffer while it waits for bytes. One thread, the loop's.
class HttpExchange final : public HttpPoolUser,
                           private ResponseEvents,
                           public std::enable_shared_from_this<HttpExchange> {
 public:
  using Finished = std::function<void(HttpExchange&)>;

  /// `wire`: the request as it is sent. `finished` is called after the sink's on_end.
  HttpExchange(HttpExchangeContext& context, const HttpRequest& request, HttpRoute route,
               Secret wire, std::shared_ptr<HttpSink> sink, Finished finished);
  ~HttpExchange() override;

  /// Starts listening to the caller's stop request, from any thread.
  void listen(const std::stop_token& stop);
  void begin();
  /// Ends now, with this error; the connection is closed. Does nothing after the end.
  void abort(const Error& error);
  /// Ends without a word to the sink: the client is going away.
  void abandon() noexcept;

  void on_connection(std::shared_ptr<HttpConnection> connection, bool reused) override;
  const HttpRoute& route() const noexcept override { return route_; }
  void on_ready(const std::optional<Error>& error) override;
  void on_sent(bool all) override;
  void on_bytes(std::span<char> bytes) override;
  void on_read_done() override;
  void on_closed(const std::optional<Error>& error) override;

 private:
  enum class Phase : std::uint8_t { connecting, sending, waiting, body, done };
  struct Deadline {
    TimePoint when;
    const char* limit;
  };
  struct Stop {
    std::weak_ptr<HttpExchange> exchange;
    Loop* loop;
    void operator()() const;
  };

  void on_response_head(const HttpHead& head) override;
  void on_response_body(std::string_view bytes) override;
  void unpack(std::string_view bytes);
  void deliver(std::string_view bytes);

  void acquire(bool fresh);
  void send();
  bool retry_stale();
  void enter(Phase phase);
  Deadline deadline() const;
  void arm_timer();
  void on_timer();
  void complete(bool connection_is_clean);
  void finish(const HttpEnd& end, bool reusable);
  void leave_connection(bool reusable);

  HttpExchangeContext& context_;
  Finished finished_;
  std::shared_ptr<HttpSink> sink_;
  std::optional<std::stop_callback<Stop>> stop_;
  std::shared_ptr<HttpConnection> connection_;
  HttpRoute route_;
  std::string key_;
  Secret wire_;  // kept until the answer begins, for a retry on a fresh connection
  const bool may_repeat_;
  ResponseParser parser_;
  std::unique_ptr<Inflater> inflater_;
  std::optional<Error> failure_;  // found inside the parser's callbacks
  Timeouts timeouts_;
  TimePoint start_{};
  TimePoint last_{};  // the phase's beginning, or the last progress in it
  TimePoint armed_for_{};
  TimerId timer_ = 0;
  std::size_t max_body_bytes_;
  std::size_t body_bytes_ = 0;
  Phase phase_ = Phase::connecting;
  bool sent_ = false;  // the whole request; until then the connection borrows wire_
  bool began_sending_ = false;
  bool reused_ = false;
  bool retried_ = false;
  bool unflushed_ = false;
  bool progressed_ = false;  // a part of the body came with this read
};

}  // namespace scena::net
