#pragma once

#include <memory>
#include <scena/ext/provider.hpp>
#include <string>
#include <string_view>

#include "llm/provider_context.hpp"
#include "llm/reply_reader.hpp"
#include "llm/request_fit.hpp"
#include "llm/secret_words.hpp"
#include "net/http.hpp"

namespace scena::llm {

/// How a vendor frames a streamed answer: server-sent events, events or one JSON array whose
/// elements arrive over time, or a JSON document a line.
enum class StreamFormat { events, events_or_array, lines };

/// What distinguishes one vendor from another: URL, headers, request bytes, and the reader of its
/// answers. Immutable and without I/O.
class Vendor {
 public:
  virtual ~Vendor() = default;
  virtual std::string_view name() const noexcept = 0;
  /// Head field that holds the id of an exchange.
  virtual std::string_view request_id_field() const noexcept = 0;
  virtual const SecretWords& secrets() const noexcept = 0;
  /// The body of a request that was checked and holds nothing that add_unsupported() names.
  virtual Result<std::string> request_body(const ReplyRequest& request) const = 0;
  /// Adds what the service, or the model that the request names, does not take.
  virtual void add_unsupported(const ReplyRequest& /*request*/,
                               Unsupported& /*unsupported*/) const {}
  /// The model that the request asks for, by its own name or by default.
  virtual std::string_view asked_model(const ReplyRequest& request) const noexcept = 0;
  /// URL and headers of the call; the body is filled in later.
  virtual net::HttpRequest http_request(const ReplyRequest& request) const = 0;
  virtual std::unique_ptr<ReplyReader> make_reader(const ReplyRequest& request) const = 0;
  virtual StreamFormat stream_format() const noexcept { return StreamFormat::events; }
  /// Events of its streams may hold pictures or sound.
  virtual bool has_inline_media() const noexcept { return false; }
  /// True at the vendor's own address: other services may take longer to their first byte.
  virtual bool is_official() const noexcept = 0;
};

/// A Provider over one HTTP exchange a reply.
///
/// 2xx as an event stream is read while it arrives, 2xx as JSON when it is whole, whichever was
/// asked for, unless the vendor streams JSON; where the head names the wrong one, the body's first
/// byte tells. Anything else becomes an Error with the provider's words. Redirects are not
/// followed.
///
/// Threading: as Provider; all calls of one object come on the thread of its loop.
class HttpProvider final : public Provider {
 public:
  HttpProvider(std::shared_ptr<const Vendor> vendor, const ProviderContext& context)
      : vendor_(std::move(vendor)), context_(context) {}

  std::string_view name() const noexcept override { return vendor_->name(); }
  void start(std::shared_ptr<const ReplyRequest> request, std::shared_ptr<ReplySink> sink,
             std::stop_token stop) override;
  /// The vendor's body with `request.extra.body` laid over it.
  Result<std::string> request_body(const ReplyRequest& request) const override;

 private:
  Result<FittedRequest> fit(const ReplyRequest& request) const;
  Result<std::string> write(const ReplyRequest& fitted) const;

  std::shared_ptr<const Vendor> vendor_;
  ProviderContext context_;
};

}  // namespace scena::llm
