#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <scena/config.hpp>
#include <span>
#include <string>
#include <string_view>

#include "net/proxy.hpp"
#include "net/response_parser.hpp"
#include "net/stream.hpp"
#include "net/tls.hpp"

namespace scena::net {

/// Where a connection leads: connections with equal routes are interchangeable.
struct HttpRoute {
  std::string host;
  std::uint16_t port = 0;
  bool tls = false;
  std::optional<Proxy> proxy;
  Reach reach = Reach::anywhere;  ///< Of a direct connection; behind a proxy, the proxy decides.

  /// A text that is equal for equal routes.
  std::string key() const;
};

/// Memory as large as one read, with readable padding behind it; made at its first use.
class SharedBuffer {
 public:
  static constexpr std::size_t kPadding = 64;
  explicit SharedBuffer(std::size_t size) noexcept : size_(size) {}
  char* data();
  std::size_t size() const noexcept { return size_; }

 private:
  std::size_t size_;
  std::unique_ptr<char[]> bytes_;
};

/// What the connections of one client share.
struct HttpConnectionContext {
  HttpConnectionContext(Network& its_network, const HttpConfig& its_config)
      : network(its_network), config(its_config) {}
  /// The TLS settings, made at the first https connection.
  Result<TlsContext*> tls();

  Network& network;
  const HttpConfig& config;
  SharedBuffer input{256u << 10};  ///< One read of a socket.
  SharedBuffer plain{64u << 10};   ///< Decrypted.

 private:
  std::unique_ptr<TlsContext> tls_;
};

/// Who uses a connection at the moment. May drop the connection inside every call.
class HttpConnectionUser {
 public:
  virtual ~HttpConnectionUser() = default;
  /// Connected, through proxy and TLS handshake: send() may be called. Or why not.
  virtual void on_ready(const std::optional<Error>& error) = 0;
  /// A piece of the request left; `all` of it. Also called inside send().
  virtual void on_sent(bool all) = 0;
  /// Plain bytes in a shared buffer, SharedBuffer::kPadding readable bytes behind them. They may be
  /// changed.
  virtual void on_bytes(std::span<char> bytes) = 0;
  /// The bytes of one read are all handed over.
  virtual void on_read_done() = 0;
  /// The other side ended the connection, properly if there is no error. Nothing follows.
  virtual void on_closed(const std::optional<Error>& error) = 0;
};

/// One connection to a server: connects, tunnels through a proxy, does TLS, moves bytes. It owns no
/// buffer while nothing is under way. Shared by the pool and its user; one thread.
class HttpConnection final : public StreamHandler,
                             public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(HttpConnectionContext& context, HttpRoute route, std::string key);
  ~HttpConnection() override;

  const std::string& key() const noexcept { return key_; }
  const HttpRoute& route() const noexcept { return route_; }

  void connect(HttpConnectionUser& user);
  /// Takes a ready connection into use.
  void attach(HttpConnectionUser& user) noexcept;
  /// Puts it out of use; `on_dead` is called when it ends, or when the server speaks unasked.
  void detach(std::function<void(HttpConnection&)> on_dead);
  /// Sends plain bytes, which must stay until on_sent(true) or the connection's end.
  void send(std::string_view bytes);
  void close() noexcept;

  void on_connected(const std::optional<Error>& error) override;
  void on_readable() override;
  void on_writable() override;

 private:
  enum class Step : std::uint8_t { connecting, proxy, handshake, ready };

  void after_connect();
  void ask_proxy();
  void begin_tls();
  void become_ready();
  void fail(const Error& error);
  void end(const std::optional<Error>& error);
  void take_input(std::span<char> bytes);
  void take_proxy_answer(std::span<char> bytes);
  void take_ciphertext(std::string_view bytes);
  bool take_plaintext();
  void take_tls_output();
  void flush();
  bool write_out(std::string_view bytes, std::size_t& sent);

  HttpConnectionContext& context_;
  HttpRoute route_;
  std::string key_;
  HttpConnectionUser* user_ = nullptr;
  std::function<void(HttpConnection&)> on_dead_;
  std::unique_ptr<TlsClient> tls_;
  std::unique_ptr<ResponseParser> proxy_answer_;
  std::string own_output_;  // proxy request or ciphertext
  std::size_t own_sent_ = 0;
  std::string_view user_output_;  // the part of the user's bytes that is still to go
  Step step_ = Step::connecting;
  bool sending_ = false;  // the user waits for on_sent(true)
  bool write_failed_ = false;
  bool write_waits_ = false;
  std::unique_ptr<ByteStream> stream_;  // null when closed; goes first
};

}  // namespace scena::net
