#include "llm/backends/fault/fault_connection.hpp"

#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <utility>

namespace scena::fault {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr std::uint32_t kMostHead = 64u << 10;
constexpr std::uint64_t kMostBody = 8u << 20;

FaultHttpRequest copy_of(const http::request<http::string_body>& message) {
  FaultHttpRequest request;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  request.body = message.body();
  for (const auto& field : message) {
    request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  }
  return request;
}

}  // namespace

FaultConnection::FaultConnection(net::Loop& loop, FaultConnectionOwner& owner,
                                 asio::ip::tcp::socket socket)
    : loop_(loop),
      owner_(&owner),
      socket_(std::move(socket)),
      descriptor_(socket_.native_handle()) {
  Code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
  loop_.watch(descriptor_);
}

FaultConnection::~FaultConnection() {
  close();
}

void FaultConnection::close() noexcept {
  owner_ = nullptr;
  ++exchange_;
  loop_.cancel(timer_);
  if (!socket_.is_open()) return;
  loop_.unwatch(descriptor_);
  Code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  socket_.close(ignored);
}

void FaultConnection::reset() noexcept {
  Code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  loop_.unwatch(descriptor_);
  socket_.close(ignored);
  close();
}

void FaultConnection::read() {
  parser_.emplace();
  parser_->header_limit(kMostHead);
  parser_->body_limit(kMostBody);
  http::async_read(socket_, buffer_, *parser_,
                   [self = shared_from_this()](const Code& failed, std::size_t) {
                     if (!self->owner_) return;
                     if (failed) return self->refuse(failed);
                     self->on_request();
                   });
}

// A request that is no HTTP or too large gets a short answer, where anybody still listens.
void FaultConnection::refuse(const Code& reason) {
  if (reason == http::error::end_of_stream || reason == asio::error::eof ||
      reason.category() != http::make_error_code(http::error::bad_method).category()) {
    return close();
  }
  const bool large = reason == http::error::body_limit || reason == http::error::header_limit;
  answer_ = {
      .pieces =
          {{{},
            large
                ? "HTTP/1.1 413 Payload Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                : "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"}},
      .ending = FaultEnding::close,
      .repeat_from = {}};
  keep_alive_ = false;
  piece_ = 0;
  play();
}

void FaultConnection::on_request() {
  const auto& message = parser_->get();
  keep_alive_ = message.keep_alive();
  answer_ = owner_->answer_to(copy_of(message));
  parser_.reset();
  piece_ = 0;
  watch_for_hang_up();
  play();
}

// While an answer is played nobody reads: this notices that the client has gone.
void FaultConnection::watch_for_hang_up() {
  socket_.async_wait(asio::socket_base::wait_read,
                     [self = shared_from_this(), exchange = exchange_](const Code& failed) {
                       if (failed || self->exchange_ != exchange) return;
                       Code broken;
                       if (self->socket_.available(broken) == 0 || broken) self->close();
                     });
}

void FaultConnection::play() {
  if (piece_ == answer_.pieces.size() && answer_.repeat_from) piece_ = *answer_.repeat_from;
  if (piece_ == answer_.pieces.size()) return finish();
  const auto wait = answer_.pieces[piece_].wait;
  if (wait.count() == 0) return write();
  timer_ = loop_.after(wait, [self = shared_from_this()] {
    if (self->owner_) self->write();
  });
}

void FaultConnection::write() {
  const std::string& bytes = answer_.pieces[piece_].bytes;
  loop_.watch_writable(descriptor_, true);
  asio::async_write(socket_, asio::buffer(bytes),
                    [self = shared_from_this()](const Code& failed, std::size_t) {
                      if (!self->owner_) return;
                      self->loop_.watch_writable(self->descriptor_, false);
                      if (failed) return self->close();
                      ++self->piece_;
                      self->play();
                    });
}

void FaultConnection::finish() {
  switch (answer_.ending) {
    case FaultEnding::hang:
      return;  // until the client goes
    case FaultEnding::reset:
      return reset();
    case FaultEnding::close:
      return close();
    case FaultEnding::keep_alive:
      ++exchange_;
      if (!keep_alive_) return close();
      return read();
  }
}

}  // namespace scena::fault
