#include "net/http_client.hpp"

#include <algorithm>
#include <cstdlib>
#include <unordered_map>
#include <utility>

#include "net/http_exchange.hpp"
#include "net/tcp_network.hpp"

namespace scena::net {

class HttpClient::Impl {
 public:
  Impl(Loop& loop, HttpClientOptions options, ProxyRules proxies, std::shared_ptr<Network> network)
      : options_(std::move(options)),
        proxies_(std::move(proxies)),
        network_(std::move(network)),
        connections_(*network_, options_.config),
        pool_(loop, connections_, stats_),
        context_{loop, pool_, stats_, unpacked_, options_.log} {}
  ~Impl();

  void start(HttpRequest request, std::shared_ptr<HttpSink> sink, const std::stop_token& stop);
  void close();
  HttpClientStats stats() const noexcept { return stats_; }

 private:
  void refuse(std::shared_ptr<HttpSink> sink, Error error);

  HttpClientOptions options_;
  ProxyRules proxies_;
  std::shared_ptr<Network> network_;
  HttpConnectionContext connections_;
  HttpClientStats stats_;
  SharedBuffer unpacked_{64u << 10};
  HttpPool pool_;
  HttpExchangeContext context_;
  std::unordered_map<HttpExchange*, std::shared_ptr<HttpExchange>> open_;
  bool closed_ = false;
};

HttpClient::Impl::~Impl() {
  const auto open = std::exchange(open_, {});
  for (const auto& [key, exchange] : open) exchange->abandon();
}

void HttpClient::Impl::refuse(std::shared_ptr<HttpSink> sink, Error error) {
  context_.loop.post([sink = std::move(sink), error = std::move(error)] {
    HttpEnd end;
    end.error = error;
    end.unsent = true;
    sink->on_end(end);
  });
}

void HttpClient::Impl::start(HttpRequest request, std::shared_ptr<HttpSink> sink,
                             const std::stop_token& stop) {
  if (closed_)
    return refuse(std::move(sink), Error::fixed(ErrorCode::closed, "the HTTP client is closed"));
  ++stats_.exchanges;
  const auto url = parse_http_url(request.url.reveal());
  if (!url) return refuse(std::move(sink), url.error());
  const Proxy* const proxy = proxies_.find(*url);
  auto wire = write_http_request(request, *url, options_, url->tls ? nullptr : proxy);
  if (!wire) return refuse(std::move(sink), wire.error());
  HttpRoute route{url->host, url->port, url->tls, proxy ? std::optional(*proxy) : std::nullopt,
                  request.reach};
  request.max_header_bytes = std::min(request.max_header_bytes, options_.config.max_header_bytes);
  request.max_body_bytes = std::min(request.max_body_bytes, options_.config.max_body_bytes);
  const auto exchange = std::make_shared<HttpExchange>(
      context_, request, std::move(route), *std::move(wire), std::move(sink),
      [this](HttpExchange& done) { open_.erase(&done); });
  open_.emplace(exchange.get(), exchange);
  context_.loop.post([weak = std::weak_ptr(exchange)] {
    if (const auto self = weak.lock()) self->begin();
  });
  exchange->listen(stop);
}

void HttpClient::Impl::close() {
  closed_ = true;
  std::vector<std::shared_ptr<HttpExchange>> open;
  for (const auto& [key, exchange] : open_) open.push_back(exchange);
  for (const auto& exchange : open)
    exchange->abort(Error::fixed(ErrorCode::closed, "the HTTP client is closed"));
}

HttpClient::HttpClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpClient::~HttpClient() = default;

Result<std::unique_ptr<HttpClient>> HttpClient::make(Loop& loop, HttpClientOptions options,
                                                     std::shared_ptr<Network> network) {
  if (!options.environment) {
    options.environment = [](const char* name) {
      return std::getenv(name);  // lint: for `proxy: env`
    };
  }
  auto proxies = ProxyRules::make(options.config.proxy.reveal(), options.environment);
  if (!proxies) return proxies.error();
  if (!network) network = std::make_shared<TcpNetwork>(loop);
  auto impl =
      std::make_unique<Impl>(loop, std::move(options), *std::move(proxies), std::move(network));
  return std::unique_ptr<HttpClient>(new HttpClient(std::move(impl)));
}

void HttpClient::start(HttpRequest request, std::shared_ptr<HttpSink> sink, std::stop_token stop) {
  impl_->start(std::move(request), std::move(sink), stop);
}
void HttpClient::close() {
  impl_->close();
}
HttpClientStats HttpClient::stats() const noexcept {
  return impl_->stats();
}

}  // namespace scena::net
