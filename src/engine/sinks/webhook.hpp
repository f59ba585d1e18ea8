#pragma once

#include <memory>
#include <scena/config.hpp>
#include <scena/ext/event_sink.hpp>

#include "base/secret.hpp"
#include "net/http.hpp"

namespace scena::engine {

/// The key in a "whsec_..." text: base64 of 24 to 64 bytes. unauthenticated otherwise.
Result<Secret> webhook_key(std::string_view text);

/// What `webhook-signature` holds: "v1," and the base64 of HMAC-SHA256 over "id.timestamp.body".
std::string webhook_signature(const Secret& key, std::string_view id, std::string_view timestamp,
                              std::string_view body);

/// A sink that posts each event to an address. `http` outlives it.
std::shared_ptr<EventSink> make_webhook(const WebhookConfig& config, Secret key,
                                        net::HttpTransport& http, Clock& clock);

}  // namespace scena::engine
