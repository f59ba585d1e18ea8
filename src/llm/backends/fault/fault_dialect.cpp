#include "llm/backends/fault/fault_dialect.hpp"

namespace scena::fault {
namespace {

// Ends of paths. "/api/chat" stands in front of "/chat", which ends it, too.
constexpr std::pair<std::string_view, Dialect> kPaths[] = {
    {"/chat/completions", Dialect::chat_completions},
    {"/messages", Dialect::messages},
    {"/responses", Dialect::responses},
    {":streamGenerateContent", Dialect::gemini},
    {":generateContent", Dialect::gemini},
    {"/api/chat", Dialect::ollama},
    {"/v2/chat", Dialect::cohere},
};

}  // namespace

const WireDialect& dialect_row(Dialect dialect) noexcept {
  switch (dialect) {
    case Dialect::chat_completions:
      return chat_dialect();
    case Dialect::messages:
      return messages_dialect();
    case Dialect::responses:
      return responses_dialect();
    case Dialect::gemini:
      return gemini_dialect();
    case Dialect::cohere:
      return cohere_dialect();
    case Dialect::ollama:
      return ollama_dialect();
  }
  return chat_dialect();
}

const WireDialect* find_dialect(std::string_view path) noexcept {
  for (const auto& [end, dialect] : kPaths) {
    if (path.ends_with(end)) return &dialect_row(dialect);
  }
  return nullptr;
}

Events stream_events(Dialect dialect, const WireReply& reply) {
  return dialect_row(dialect).stream(reply);
}

SseEvent text_event(Dialect dialect, const WireReply& reply, std::string_view text) {
  SseEvent event = dialect_row(dialect).text(reply, text);
  event.token = true;
  return event;
}

std::string whole_body(Dialect dialect, const WireReply& reply) {
  return dialect_row(dialect).whole(reply);
}

std::string error_body(Dialect dialect, const WireError& error, std::string_view request_id) {
  return dialect_row(dialect).error_body(error, request_id);
}

SseEvent error_event(Dialect dialect, const WireError& error) {
  return dialect_row(dialect).error_event(error);
}

}  // namespace scena::fault
