#pragma once

#include <functional>
#include <memory>
#include <string>

#include "net/http.hpp"
#include "net/sim_network.hpp"

namespace scena::net {

struct SimHttpRequest {
  std::string method;
  std::string target;
  HttpFields headers;
  std::string body;

  std::string_view header(std::string_view name) const noexcept;
};

/// Answers requests on a simulated connection, which it may keep to send more later.
using SimHttpHandler = std::function<void(const SimHttpRequest&, const std::shared_ptr<SimPeer>&)>;

/// A server for SimNetwork::listen that hands whole requests (by Content-Length) to `handler`, one
/// after the other on each connection.
SimNetwork::Accept sim_http_server(SimHttpHandler handler);

/// The text of a whole answer with a Content-Length.
std::string sim_http_answer(int status, std::string_view content_type, std::string_view body);
/// The head of a chunked answer, one chunk, and the last chunk.
std::string sim_http_stream_head(int status, std::string_view content_type);
std::string sim_http_chunk(std::string_view bytes);
inline constexpr const char* kSimHttpLastChunk = "0\r\n\r\n";

}  // namespace scena::net
