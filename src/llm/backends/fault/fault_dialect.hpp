#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "llm/backends/fault/fault_wire.hpp"

namespace scena::fault {

struct FaultCall;

/// What tells the answers of one service from another's: a row of a table.
struct WireDialect {
  Dialect dialect = Dialect::chat_completions;
  std::string_view path;                  ///< In lists of cases, e.g. "chat/completions".
  const char* id_field = "x-request-id";  ///< Head field of the exchange's id.
  const char* id_prefix = "";             ///< Of a reply's id.
  const char* stop_word = "stop";         ///< The reply is whole.
  const char* length_word = "length";     ///< The token limit cut it.
  const char* unknown_word = "eos";       ///< A reason that no documentation knows.
  const char* type = "text/event-stream; charset=utf-8";
  bool lines = false;               ///< JSON lines in place of events.
  const char* key_field = nullptr;  ///< Of the key, beside `authorization`.
  bool needs_key = true;
  bool streams_unasked = false;  ///< When the request does not say.
  WireError quota;               ///< No credit is left.
  WireError context;             ///< The prompt is too long.
  Events (*stream)(const WireReply& reply) = nullptr;
  SseEvent (*text)(const WireReply& reply, std::string_view text) = nullptr;
  std::string (*whole)(const WireReply& reply) = nullptr;
  std::string (*error_body)(const WireError& error, std::string_view request_id) = nullptr;
  SseEvent (*error_event)(const WireError& error) = nullptr;
  /// Reads a request's body as strictly as the service does.
  std::optional<WireError> (*read)(const Json& body, FaultCall& call) = nullptr;
};

const WireDialect& dialect_row(Dialect dialect) noexcept;
/// The row of a path such as "/v1/messages", without a query; null for other paths.
const WireDialect* find_dialect(std::string_view path) noexcept;

// The rows, one file each.
const WireDialect& chat_dialect() noexcept;
const WireDialect& messages_dialect() noexcept;
const WireDialect& responses_dialect() noexcept;
const WireDialect& gemini_dialect() noexcept;
const WireDialect& cohere_dialect() noexcept;
const WireDialect& ollama_dialect() noexcept;

}  // namespace scena::fault
