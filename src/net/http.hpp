#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <scena/ext/provider.hpp>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/secret.hpp"
#include "net/stream.hpp"

namespace scena::net {

using HttpFields = std::vector<std::pair<std::string, std::string>>;
/// Of a request: any of them may hold a key.
using RequestFields = std::vector<std::pair<std::string, Secret>>;

/// One exchange to make. Names of header fields are compared without case.
struct HttpRequest {
  std::string method = "POST";
  /// Of the provider that asks a model ("anthropic"), for tapes; empty: none.
  std::string kind = {};
  Secret url;  ///< Absolute http or https URL: written by the host, or judged (judge_url).
  Reach reach = Reach::anywhere;  ///< public_only for a URL that holds what arrived as data.
  RequestFields headers;
  std::string body;
  /// Asking twice does no harm. Then, and for GET and HEAD, a request that met a kept connection's
  /// end is sent once more; any other may have been carried out already, and fails.
  bool may_repeat = false;
  Timeouts timeouts;
  std::size_t max_header_bytes = 64u << 10;
  std::size_t max_body_bytes = 32u << 20;  ///< After decompression.
  /// Values of these header fields never reach a tape, a trace or a log.
  std::vector<std::string> secret_headers = {"authorization", "x-api-key", "api-key",
                                             "proxy-authorization"};
  Secret url_secret;  ///< A part of `url` that never reaches a tape either.

  /// The first field of that name, or empty.
  std::string_view header(std::string_view name) const noexcept;
};

struct HttpHead {
  int status = 0;
  HttpFields headers;

  /// The first field of that name, or empty.
  std::string_view header(std::string_view name) const noexcept;
};

/// How an exchange ended. `complete` means that the framing said so: last chunk, content length, or
/// a close where neither was announced. Otherwise `error` says why (network, timeout, protocol,
/// too_large, cancelled).
struct HttpEnd {
  bool complete = false;
  std::optional<Error> error;
  bool got_head = false;
  bool unsent = false;           ///< It ended before any byte of the request left.
  bool close_delimited = false;  ///< Complete only by the connection's end: the payload must tell.
};

/// Receives one exchange. on_end comes exactly once and last. Called on the loop.
class HttpSink {
 public:
  virtual ~HttpSink() = default;
  virtual void on_head(const HttpHead& head) = 0;
  /// De-chunked, decompressed bytes. At least 64 readable bytes follow them (parser padding), whose
  /// content is undefined. Valid during the call.
  virtual void on_body(std::string_view bytes) = 0;
  /// The bytes of one read are all delivered.
  virtual void on_flush() {}
  virtual void on_end(const HttpEnd& end) = 0;
};

/// Makes HTTP exchanges: the real client, a tape in replay, or a simulated network.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  /// Returns at once and never calls the sink before it returned. A stop request ends the exchange
  /// within one loop turn with `cancelled`; the connection is closed, not pooled.
  virtual void start(HttpRequest request, std::shared_ptr<HttpSink> sink, std::stop_token stop) = 0;
};

}  // namespace scena::net
