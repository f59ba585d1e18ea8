#include "net/http_exchange.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"

namespace scena::net {
namespace {

constexpr std::chrono::seconds kDefaultFirstByte{30};

Error cancelled() {
  return Error::fixed(ErrorCode::cancelled, "the exchange was cancelled");
}

Error too_large() {
  return Error::fixed(ErrorCode::too_large,
                      "the answer is over the limit; raise http.max_body_bytes");
}

}  // namespace

void HttpExchange::Stop::operator()() const {
  post_or_drop(*loop, [weak = exchange] {
    if (const auto self = weak.lock()) self->abort(cancelled());
  });
}

HttpExchange::HttpExchange(HttpExchangeContext& context, const HttpRequest& request,
                           HttpRoute route, Secret wire, std::shared_ptr<HttpSink> sink,
                           Finished finished)
    : context_(context),
      finished_(std::move(finished)),
      sink_(std::move(sink)),
      route_(std::move(route)),
      key_(route_.key()),
      wire_(std::move(wire)),
      may_repeat_(request.may_repeat || request.method == "GET" || request.method == "HEAD"),
      parser_({.max_header_bytes = request.max_header_bytes, .no_body = request.method == "HEAD"}),
      timeouts_(request.timeouts),
      max_body_bytes_(request.max_body_bytes) {}

HttpExchange::~HttpExchange() {
  abandon();
}

void HttpExchange::listen(const std::stop_token& stop) {
  if (stop.stop_possible()) stop_.emplace(stop, Stop{weak_from_this(), &context_.loop});
}

void HttpExchange::begin() {
  if (phase_ == Phase::done) return;
  start_ = context_.loop.now();
  acquire(false);
}

void HttpExchange::acquire(bool fresh) {
  enter(Phase::connecting);
  if (auto taken = context_.pool.acquire(route_, key_, *this, fresh); !taken) abort(taken.error());
}

void HttpExchange::on_connection(std::shared_ptr<HttpConnection> connection, bool reused) {
  connection_ = std::move(connection);
  reused_ = reused;
  if (!reused) return;
  send();
}

void HttpExchange::on_ready(const std::optional<Error>& error) {
  const auto self = shared_from_this();
  if (error) {
    if (error->code() == ErrorCode::unavailable) {
      ++context_.stats.out_of_descriptors;
      context_.log.warn("no descriptor is left for a connection",
                        {{"host", route_.host}, {"count", context_.stats.out_of_descriptors}});
    }
    return abort(*error);
  }
  send();
}

void HttpExchange::send() {
  sent_ = false;
  began_sending_ = true;
  enter(Phase::sending);
  connection_->send(wire_.reveal());
}

void HttpExchange::on_sent(bool all) {
  sent_ = all;
  if (phase_ != Phase::sending) return;  // the answer came before the request had left
  if (all) return enter(Phase::waiting);
  last_ = context_.loop.now();
}

void HttpExchange::on_bytes(std::span<char> bytes) {
  const auto self = shared_from_this();
  const auto taken = parser_.feed(bytes, *this);
  if (phase_ == Phase::done) return;
  if (std::exchange(progressed_, false)) last_ = context_.loop.now();
  if (!taken) return abort(taken.error());
  if (failure_) return abort(*std::exchange(failure_, std::nullopt));
  if (parser_.done()) return complete(*taken == bytes.size());
  if (sent_) wire_.clear();
}

void HttpExchange::on_read_done() {
  if (!std::exchange(unflushed_, false)) return;
  const auto self = shared_from_this();
  if (sink_) sink_->on_flush();
}

void HttpExchange::on_closed(const std::optional<Error>& error) {
  const auto self = shared_from_this();
  if (retry_stale()) return;
  if (!error) {
    if (auto ended = parser_.finish()) return complete(false);
  }
  if (!parser_.started()) {
    return abort(error ? *error
                       : Error::fixed(ErrorCode::network,
                                      "the server closed the connection without an answer"));
  }
  abort(error ? *error
              : Error::fixed(ErrorCode::network, "the connection closed before the answer's end"));
}

// A kept connection may have been closed by the server at the moment the request left, or after it
// was carried out: nobody can tell. RFC 9112 (9.3.1) allows to ask once more what is idempotent.
bool HttpExchange::retry_stale() {
  if (!may_repeat_ || !reused_ || retried_ || parser_.started()) return false;
  retried_ = true;
  ++context_.stats.stale_retries;
  leave_connection(false);
  acquire(true);
  return true;
}

void HttpExchange::on_response_head(const HttpHead& head) {
  if (failure_ || phase_ == Phase::done) return;
  const auto format = Inflater::format_of(head.header("content-encoding"));
  if (!format) {
    failure_ = format.error();
  } else if (*format && !parser_.done()) {
    inflater_ = std::make_unique<Inflater>(**format);
  } else if (!*format && parser_.content_length() > max_body_bytes_ && !parser_.done()) {
    failure_ = too_large();
  }
  sink_->on_head(head);
}

void HttpExchange::on_response_body(std::string_view bytes) {
  if (failure_ || phase_ == Phase::done) return;
  if (phase_ != Phase::body) enter(Phase::body);
  progressed_ = true;
  if (inflater_) {
    unpack(bytes);
  } else {
    deliver(bytes);
  }
}

void HttpExchange::unpack(std::string_view bytes) {
  inflater_->feed(bytes);
  char* const into = context_.unpacked.data();
  for (;;) {
    const auto count = inflater_->read({into, context_.unpacked.size()});
    if (!count) {
      failure_ = count.error();
      return;
    }
    if (*count == 0) return;
    deliver({into, *count});
    if (failure_ || phase_ == Phase::done) return;
  }
}

void HttpExchange::deliver(std::string_view bytes) {
  const std::size_t room = max_body_bytes_ - body_bytes_;
  if (bytes.size() > room) {
    failure_ = too_large();
    bytes = bytes.substr(0, room);
  }
  body_bytes_ += bytes.size();
  if (bytes.empty()) return;
  unflushed_ = true;
  sink_->on_body(bytes);
}

void HttpExchange::enter(Phase phase) {
  phase_ = phase;
  last_ = context_.loop.now();
  arm_timer();
}

HttpExchange::Deadline HttpExchange::deadline() const {
  Deadline found{TimePoint::max(), ""};
  const auto consider = [&](TimePoint from, std::chrono::milliseconds limit, const char* text) {
    constexpr std::chrono::hours kForever{24 * 3'650};
    if (limit.count() <= 0 || limit > kForever || limit >= found.when - from) return;
    found = {from + limit, text};
  };
  consider(start_, timeouts_.total, "the answer was not complete within the total time limit");
  if (phase_ == Phase::connecting) {
    consider(last_, timeouts_.connect, "no connection within the connect time limit");
  } else if (phase_ == Phase::waiting) {
    consider(last_, timeouts_.first_byte.value_or(kDefaultFirstByte),
             "nothing of the answer's body within the first_byte time limit");
  } else if (phase_ == Phase::sending) {
    consider(last_, timeouts_.idle,
             "the server did not read the request within the idle time limit");
  } else {
    consider(last_, timeouts_.idle, "nothing more of the answer within the idle time limit");
  }
  return found;
}

// The timer may come too early, never too late: it looks at the times again when it runs. So a read
// that brings bytes only stores the time.
void HttpExchange::arm_timer() {
  const TimePoint when = deadline().when;
  if (timer_ != 0 && armed_for_ <= when) return;
  context_.loop.cancel(std::exchange(timer_, 0));
  if (when == TimePoint::max()) return;
  armed_for_ = when;
  timer_ = context_.loop.at(when, [this] { on_timer(); });
}

void HttpExchange::on_timer() {
  const auto self = shared_from_this();
  timer_ = 0;
  const Deadline now_due = deadline();
  if (context_.loop.now() < now_due.when) return arm_timer();
  abort(Error::fixed(ErrorCode::timeout, now_due.limit));
}

void HttpExchange::complete(bool connection_is_clean) {
  if (inflater_ && phase_ == Phase::body && !inflater_->at_end()) {
    // Where only the connection's end tells the answer's, this is an answer that was cut.
    const auto code = parser_.close_delimited() ? ErrorCode::network : ErrorCode::protocol;
    return abort(Error::fixed(code, "the compressed answer ends too early"));
  }
  HttpEnd end;
  end.complete = true;
  // The server may answer before it read everything; what follows on that connection is anyone's
  // guess.
  finish(end, connection_is_clean && parser_.keep_alive() && sent_);
}

void HttpExchange::abort(const Error& error) {
  HttpEnd end;
  end.error = error;
  finish(end, false);
}

void HttpExchange::finish(const HttpEnd& how, bool reusable) {
  if (phase_ == Phase::done) return;
  const auto self = shared_from_this();
  HttpEnd end = how;
  end.got_head = parser_.got_head();
  end.unsent = !began_sending_;
  end.close_delimited = parser_.close_delimited();
  phase_ = Phase::done;
  context_.loop.cancel(std::exchange(timer_, 0));
  stop_.reset();
  leave_connection(reusable);
  const auto sink = std::move(sink_);
  if (std::exchange(unflushed_, false)) sink->on_flush();
  sink->on_end(end);
  if (const auto finished = std::exchange(finished_, nullptr)) finished(*this);
}

void HttpExchange::leave_connection(bool reusable) {
  if (connection_) {
    context_.pool.release(std::exchange(connection_, nullptr), reusable);
  } else {
    context_.pool.forget(key_, *this);
  }
}

void HttpExchange::abandon() noexcept {
  if (std::exchange(phase_, Phase::done) == Phase::done) return;
  context_.loop.cancel(std::exchange(timer_, 0));
  stop_.reset();
  finished_ = nullptr;
  if (const auto connection = std::exchange(connection_, nullptr)) connection->close();
  context_.pool.forget(key_, *this);
  sink_.reset();
}

}  // namespace scena::net
