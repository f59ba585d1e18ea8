#pragma once

#include <doctest/doctest.h>

#include <string>

#include "llm/backends/fault/fault_http.hpp"

namespace scena::test {

inline constexpr const char* kChatBody =
    R"({"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"Hi"}]})";
inline constexpr const char* kMessagesBody =
    R"({"model":"m","max_tokens":100,"stream":true,"messages":[{"role":"user","content":"Hi"}]})";
inline constexpr const char* kInstantTalk = R"("replies":["one two three four"],"instant":true)";

inline fault::FaultHttpRequest chat_request(std::string body = kChatBody, std::string prefix = "") {
  return {.method = "POST",
          .target = prefix + "/v1/chat/completions",
          .headers = {{"Authorization", "Bearer key"}, {"Content-Type", "application/json"}},
          .body = std::move(body)};
}

inline fault::FaultHttpRequest messages_request(std::string body = kMessagesBody,
                                                std::string prefix = "") {
  return {.method = "POST",
          .target = prefix + "/v1/messages",
          .headers = {{"x-api-key", "key"},
                      {"anthropic-version", "2023-06-01"},
                      {"content-type", "application/json"}},
          .body = std::move(body)};
}

/// A sound request in each wire format; `stop` is a mark in front of which the reply ends.
inline fault::FaultHttpRequest request_of(fault::Dialect dialect, const std::string& stop = "",
                                          const std::string& prefix = "") {
  const std::string said = R"("messages":[{"role":"user","content":"Hi"}])";
  const auto marks = [&stop](const char* name) {
    return stop.empty() ? std::string() : ",\"" + std::string(name) + "\":[\"" + stop + "\"]";
  };
  const auto made = [&prefix](const std::string& target, const std::string& body) {
    return fault::FaultHttpRequest{
        .method = "POST",
        .target = prefix + target,
        .headers = {{"Authorization", "Bearer key"}, {"Content-Type", "application/json"}},
        .body = "{" + body + "}"};
  };
  switch (dialect) {
    case fault::Dialect::chat_completions:
      return made("/v1/chat/completions",
                  R"("model":"m","stream":true,"stream_options":{"include_usage":true},)" + said +
                      marks("stop"));
    case fault::Dialect::messages:
      return messages_request(
          R"({"model":"m","max_tokens":100,"stream":true,)" + said + marks("stop_sequences") + "}",
          prefix);
    case fault::Dialect::responses:
      return made("/v1/responses", R"("model":"m","stream":true,"input":"Hi")");
    case fault::Dialect::gemini:
      return made("/v1beta/models/m:streamGenerateContent?alt=sse",
                  R"("contents":[{"role":"user","parts":[{"text":"Hi"}]}],)"
                  R"("generationConfig":{"temperature":1)" +
                      marks("stopSequences") + "}");
    case fault::Dialect::cohere:
      return made("/v2/chat", R"("model":"m","stream":true,)" + said + marks("stop_sequences"));
    case fault::Dialect::ollama:
      return made("/api/chat",
                  R"("model":"m",)" + said + R"(,"options":{"num_ctx":4096)" + marks("stop") + "}");
  }
  return chat_request();
}

inline constexpr fault::Dialect kDialects[] = {
    fault::Dialect::chat_completions, fault::Dialect::messages, fault::Dialect::responses,
    fault::Dialect::gemini,           fault::Dialect::cohere,   fault::Dialect::ollama};

inline fault::FaultOptions options_of(std::string steps) {
  auto options =
      fault::parse_fault_options("{" + std::string(kInstantTalk) + R"(,"steps":")" + steps + "\"}");
  REQUIRE(options.has_value());
  return std::move(*options);
}

inline fault::FaultAnswer answer_to(const fault::FaultHttpRequest& request,
                                    std::string steps = "ok", std::uint64_t call = 0) {
  const auto options = options_of(std::move(steps));
  return fault::answer(request, {.options = options, .call = call, .seed = 7});
}

/// The body behind the head, with the chunk marks taken out.
inline std::string unchunked(const std::string& bytes) {
  const std::size_t head = bytes.find("\r\n\r\n");
  REQUIRE(head != std::string::npos);
  std::string rest = bytes.substr(head + 4);
  if (bytes.substr(0, head).find("transfer-encoding: chunked") == std::string::npos) return rest;
  std::string body;
  while (!rest.empty()) {
    const std::size_t line = rest.find("\r\n");
    REQUIRE(line != std::string::npos);
    const std::size_t size = std::stoul(rest.substr(0, line), nullptr, 16);
    if (size == 0) break;
    body += rest.substr(line + 2, size);
    rest.erase(0, line + 2 + size + 2);
  }
  return body;
}

}  // namespace scena::test
