#include "net/http_connection.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/secret.hpp"
#include "base/sha256.hpp"

namespace scena::net {
namespace {

Error reset_by_server(std::size_t number) {
  if (number == ECONNRESET)
    return Error::fixed(ErrorCode::network, "the server reset the connection");
  return Error(ErrorCode::network,
               "the connection broke: " +
                   std::error_code(static_cast<int>(number), std::system_category()).message());
}

/// Remembers a proxy's status.
struct ProxyStatus final : ResponseEvents {
  void on_response_head(const HttpHead& head) override { status = head.status; }
  void on_response_body(std::string_view) override {}
  int status = 0;
};

Error refused_by_proxy(int status) {
  const char* const hint = status == 407 ? "; check user and password in the proxy's URL" : "";
  return Error(ErrorCode::network,
               "the proxy answered " + std::to_string(status) + " to CONNECT" + hint);
}

}  // namespace

std::string HttpRoute::key() const {
  std::string text = (tls ? "s " : "p ") +
                     std::string(reach == Reach::public_only ? "public " : "") + host + ' ' +
                     std::to_string(port);
  if (proxy)
    text += ' ' + proxy->host + ' ' + std::to_string(proxy->port) + ' ' +
            sha256_hex(proxy->authorization.reveal());
  return text;
}

char* SharedBuffer::data() {
  if (!bytes_) {
    // Not initialised: pages that no read reaches stay untouched. Only the padding behind the end
    // may be looked at without having been written.
    bytes_.reset(new char[size_ + kPadding]);
    std::memset(bytes_.get() + size_, 0, kPadding);
  }
  return bytes_.get();
}

Result<TlsContext*> HttpConnectionContext::tls() {
  if (!tls_) {
    auto made = TlsContext::make(config.ca_file, config.verify);
    if (!made) return made.error();
    tls_ = *std::move(made);
  }
  return tls_.get();
}

HttpConnection::HttpConnection(HttpConnectionContext& context, HttpRoute route, std::string key)
    : context_(context), route_(std::move(route)), key_(std::move(key)) {}

HttpConnection::~HttpConnection() {
  wipe(own_output_);
}

void HttpConnection::connect(HttpConnectionUser& user) {
  user_ = &user;
  const auto& [host, port] = route_.proxy ? std::pair(route_.proxy->host, route_.proxy->port)
                                          : std::pair(route_.host, route_.port);
  const Reach reach = route_.proxy ? Reach::anywhere : route_.reach;
  stream_ = context_.network.connect(host, port, reach, *this);
}

void HttpConnection::attach(HttpConnectionUser& user) noexcept {
  user_ = &user;
  on_dead_ = nullptr;
}

void HttpConnection::detach(std::function<void(HttpConnection&)> on_dead) {
  user_ = nullptr;
  on_dead_ = std::move(on_dead);
}

void HttpConnection::close() noexcept {
  user_ = nullptr;
  on_dead_ = nullptr;
  user_output_ = {};
  stream_.reset();
}

void HttpConnection::on_connected(const std::optional<Error>& error) {
  const auto self = shared_from_this();
  if (error) return fail(*error);
  stream_->want_read();
  after_connect();
}

void HttpConnection::after_connect() {
  const bool tls = route_.tls && !context_.network.is_private();
  if (route_.proxy && route_.tls && step_ == Step::connecting) {
    ask_proxy();
  } else if (tls) {
    begin_tls();
  } else {
    become_ready();
  }
}

void HttpConnection::ask_proxy() {
  step_ = Step::proxy;
  HttpUrl to;
  to.host = route_.host;
  to.port = route_.port;
  const std::string authority = to.host_and_port();
  const auto key = route_.proxy->authorization.reveal();
  const bool has_key = !key.empty();
  own_output_ =
      Secret::joined({"CONNECT ", authority, " HTTP/1.1\r\nHost: ", authority, "\r\n",
                      has_key ? "Proxy-Authorization: " : "", key, has_key ? "\r\n" : "", "\r\n"})
          .reveal();
  proxy_answer_ = std::make_unique<ResponseParser>(ResponseParser::Options{.no_body = true});
  flush();
}

void HttpConnection::take_proxy_answer(std::span<char> bytes) {
  ProxyStatus answer;
  const auto taken = proxy_answer_->feed(bytes, answer);
  if (!taken) return fail(taken.error());
  if (!proxy_answer_->done()) return;
  if (answer.status / 100 != 2) return fail(refused_by_proxy(answer.status));
  if (*taken != bytes.size())
    return fail(
        Error::fixed(ErrorCode::protocol, "the proxy sent more than its answer to CONNECT"));
  proxy_answer_.reset();
  after_connect();
}

void HttpConnection::begin_tls() {
  step_ = Step::handshake;
  const auto shared = context_.tls();
  if (!shared) return fail(shared.error());
  auto made = TlsClient::make(**shared, route_.host);
  if (!made) return fail(made.error());
  tls_ = *std::move(made);
  take_ciphertext({});
}

void HttpConnection::become_ready() {
  step_ = Step::ready;
  if (user_) user_->on_ready(std::nullopt);
}

void HttpConnection::fail(const Error& error) {
  stream_.reset();
  if (step_ == Step::ready) return end(error);
  if (const auto user = std::exchange(user_, nullptr)) user->on_ready(error);
}

void HttpConnection::end(const std::optional<Error>& error) {
  stream_.reset();
  if (step_ != Step::ready) {
    return fail(error ? *error
                      : Error::fixed(ErrorCode::network,
                                     "the server closed the connection before it was ready"));
  }
  if (const auto user = std::exchange(user_, nullptr)) {
    user->on_closed(error);
  } else if (const auto on_dead = std::exchange(on_dead_, nullptr)) {
    on_dead(*this);
  }
}

void HttpConnection::on_readable() {
  const auto self = shared_from_this();
  char* const into = context_.input.data();
  const IoResult got = stream_->read_some(into, context_.input.size());
  switch (got.kind) {
    case IoResult::Kind::would_block:
      break;
    case IoResult::Kind::failed:
      return end(reset_by_server(got.count));
    case IoResult::Kind::ended:
      // Under TLS a proper end was announced inside; without that, bytes may be missing.
      if (tls_)
        return end(
            Error::fixed(ErrorCode::network, "the connection ended without a proper end of TLS"));
      return end(std::nullopt);
    case IoResult::Kind::moved:
      take_input({into, got.count});
      if (user_ && stream_ && step_ == Step::ready) user_->on_read_done();
      break;
  }
  if (stream_) stream_->want_read();
}

void HttpConnection::take_input(std::span<char> bytes) {
  if (step_ == Step::proxy) return take_proxy_answer(bytes);
  if (tls_) return take_ciphertext({bytes.data(), bytes.size()});
  if (user_) return user_->on_bytes(bytes);
  end(std::nullopt);  // nobody asked: the connection cannot be trusted any more
}

void HttpConnection::take_ciphertext(std::string_view bytes) {
  tls_->feed(bytes);
  if (step_ == Step::handshake) {
    const auto complete = tls_->handshake();
    take_tls_output();
    if (!complete) return fail(complete.error());
    if (!*complete) return;
    become_ready();
  }
  while (stream_ && take_plaintext()) continue;
}

bool HttpConnection::take_plaintext() {
  char* const into = context_.plain.data();
  const auto got = tls_->read(into, context_.plain.size());
  take_tls_output();
  if (!got) {
    end(got.error());
  } else if (got->ended || (got->count > 0 && !user_)) {
    end(std::nullopt);
  } else if (got->count > 0) {
    user_->on_bytes({into, got->count});
    return true;
  }
  return false;
}

void HttpConnection::take_tls_output() {
  if (tls_->output().empty()) return;
  if (own_output_.empty()) {
    own_output_ = std::exchange(tls_->output(), {});
  } else {
    own_output_ += std::exchange(tls_->output(), {});
  }
  flush();
}

void HttpConnection::send(std::string_view bytes) {
  sending_ = true;
  if (!tls_) {
    user_output_ = bytes;
    return flush();
  }
  // A failure shows at the next read, together with what the server may have said before.
  if (!tls_->write(bytes)) write_failed_ = true;
  take_tls_output();
}

void HttpConnection::on_writable() {
  const auto self = shared_from_this();
  write_waits_ = false;
  flush();
}

void HttpConnection::flush() {
  if (!stream_ || write_waits_) return;
  std::size_t moved = 0;
  const bool own = write_out(std::string_view(own_output_).substr(own_sent_), own_sent_);
  if (own && !own_output_.empty()) {
    wipe(own_output_);  // a proxy's password may have been in it
    own_output_ = {};
    own_sent_ = 0;
  }
  const bool all = own && write_out(user_output_, moved);
  user_output_.remove_prefix(moved);
  if (!sending_ || !user_) return;
  if (all) sending_ = false;
  user_->on_sent(all);
}

/// True when all bytes are gone. A broken connection shows at the next read, after what the server
/// may still have said.
bool HttpConnection::write_out(std::string_view bytes, std::size_t& sent) {
  while (!bytes.empty() && !write_failed_) {
    const IoResult put = stream_->write_some(bytes);
    if (put.kind == IoResult::Kind::would_block) {
      write_waits_ = true;
      stream_->want_write();
      return false;
    }
    if (put.kind != IoResult::Kind::moved) {
      write_failed_ = true;
      break;
    }
    sent += put.count;
    bytes.remove_prefix(put.count);
  }
  return bytes.empty();
}

}  // namespace scena::net
