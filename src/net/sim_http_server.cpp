#include "net/sim_http_server.hpp"

#include <charconv>
#include <optional>
#include <utility>

#include "base/text.hpp"

namespace scena::net {
namespace {

std::string_view cut(std::string_view& text, std::string_view end) {
  const auto at = text.find(end);
  const auto piece = text.substr(0, at);
  text.remove_prefix(at == text.npos ? text.size() : at + end.size());
  return piece;
}

/// Takes one whole request off the front of `bytes`.
std::optional<SimHttpRequest> take_request(std::string& bytes) {
  const auto head_end = bytes.find("\r\n\r\n");
  if (head_end == bytes.npos) return std::nullopt;
  std::string_view head = std::string_view(bytes).substr(0, head_end);
  SimHttpRequest request;
  std::string_view line = cut(head, "\r\n");
  request.method = cut(line, " ");
  request.target = cut(line, " ");
  while (!head.empty()) {
    std::string_view field = cut(head, "\r\n");
    const auto name = cut(field, ":");
    request.headers.emplace_back(name, trim(field));
  }
  std::size_t length = 0;
  const auto announced = request.header("content-length");
  std::from_chars(announced.data(), announced.data() + announced.size(), length);
  if (bytes.size() - head_end - 4 < length) return std::nullopt;
  request.body = bytes.substr(head_end + 4, length);
  bytes.erase(0, head_end + 4 + length);
  return request;
}

}  // namespace

std::string_view SimHttpRequest::header(std::string_view name) const noexcept {
  for (const auto& [field, value] : headers) {
    if (equals_ignore_case(field, name)) return value;
  }
  return {};
}

SimNetwork::Accept sim_http_server(SimHttpHandler handler) {
  return [handler = std::move(handler)](const std::shared_ptr<SimPeer>& peer) {
    auto bytes = std::make_shared<std::string>();
    peer->on_bytes([handler, peer, bytes](std::string_view more) {
      bytes->append(more);
      while (const auto request = take_request(*bytes)) handler(*request, peer);
    });
  };
}

std::string sim_http_answer(int status, std::string_view content_type, std::string_view body) {
  std::string text = "HTTP/1.1 " + std::to_string(status) + " -\r\nContent-Type: ";
  text.append(content_type)
      .append("\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n");
  return text.append(body);
}

std::string sim_http_stream_head(int status, std::string_view content_type) {
  std::string text = "HTTP/1.1 " + std::to_string(status) + " -\r\nContent-Type: ";
  return text.append(content_type).append("\r\nTransfer-Encoding: chunked\r\n\r\n");
}

std::string sim_http_chunk(std::string_view bytes) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, bytes.size(), 16).ptr;
  return std::string(digits, end).append("\r\n").append(bytes).append("\r\n");
}

}  // namespace scena::net
