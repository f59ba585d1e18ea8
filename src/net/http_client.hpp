#pragma once

#include <memory>
#include <scena/config.hpp>

#include "base/log.hpp"
#include "net/http.hpp"
#include "net/http_pool.hpp"
#include "net/loop.hpp"
#include "net/proxy.hpp"
#include "net/stream.hpp"

namespace scena::net {

struct HttpClientOptions {
  HttpConfig config;
  /// Asked for proxy variables, and only when `config.proxy` is "env". Default: the process's.
  ProxyRules::Environment environment;
  std::string user_agent = "scena";  ///< Sent unless the request has its own.
  Logger log;
};

/// The real HTTP/1.1 client: keep-alive connections, TLS, proxies, four time limits by the engine's
/// clock. Redirects are answers like any other. A request goes out as it is: no Accept-Encoding of
/// its own, but packed answers (gzip, deflate) are unpacked.
///
/// `Host`, unless the request brings it, and all framing fields are the client's own;
/// Content-Length, Transfer-Encoding and Connection of a request are left out. Limits are the
/// smaller of the request's and the configuration's. A time limit of zero means none.
///
/// Threading: one thread, the loop's. Destroyed before the loop and not inside a callback;
/// exchanges still open then end without a call to their sinks. close() ends them properly.
class HttpClient final : public HttpTransport {
 public:
  /// `network`: null for real sockets. Error invalid_argument for a bad proxy setting.
  static Result<std::unique_ptr<HttpClient>> make(Loop& loop, HttpClientOptions options,
                                                  std::shared_ptr<Network> network = nullptr);
  ~HttpClient() override;

  void start(HttpRequest request, std::shared_ptr<HttpSink> sink, std::stop_token stop) override;
  /// Ends every exchange with Error `closed`; later ones end the same way.
  void close();
  HttpClientStats stats() const noexcept;

 private:
  class Impl;
  explicit HttpClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// The request as it is sent. Refuses (invalid_argument) names and values that would break the
/// head. `absolute`: the whole URL in the first line, as a proxy wants it for http.
Result<Secret> write_http_request(const HttpRequest& request, const HttpUrl& url,
                                  const HttpClientOptions& options, const Proxy* absolute);

}  // namespace scena::net
