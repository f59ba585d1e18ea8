#include "llm/backends/fault/fault_case.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "llm/backends/fault/fault_dialect.hpp"

namespace scena::fault {
namespace {

// Where tokens would stand in a stream without any: behind its opening events.
std::size_t opening(const Events& events) noexcept {
  const auto behind =
      std::find_if(events.begin(), events.end(), [](const SseEvent& e) { return !e.opening; });
  return static_cast<std::size_t>(behind - events.begin());
}

// Null for those that are of several services.
const WireDialect* row_of(FaultCase::Where where) noexcept {
  switch (where) {
    case FaultCase::Where::chat:
      return &chat_dialect();
    case FaultCase::Where::messages:
      return &messages_dialect();
    case FaultCase::Where::gemini:
      return &gemini_dialect();
    case FaultCase::Where::cohere:
      return &cohere_dialect();
    case FaultCase::Where::ollama:
      return &ollama_dialect();
    default:
      return nullptr;
  }
}

}  // namespace

std::string_view path_of(FaultCase::Where where) noexcept {
  if (where == FaultCase::Where::events) return "any with events";
  const WireDialect* row = row_of(where);
  return row ? row->path : "any";
}

bool concerns(FaultCase::Where where, Dialect dialect) noexcept {
  if (where == FaultCase::Where::events) return !dialect_row(dialect).lines;
  const WireDialect* row = row_of(where);
  return !row || row->dialect == dialect;
}

std::vector<FaultCase> all_fault_cases() {
  std::vector<FaultCase> cases;
  for (const auto group :
       {framing_cases(), chat_cases(), messages_cases(), service_cases(), http_cases()}) {
    cases.insert(cases.end(), group.begin(), group.end());
  }
  return cases;
}

Result<void> apply_case(std::string_view id, FaultDraft& draft) {
  for (const FaultCase& entry : all_fault_cases()) {
    if (!equals_ignore_case(entry.id, id)) continue;
    if (!concerns(entry.where, draft.dialect))
      return Error::fixed(ErrorCode::unsupported, "this case belongs to another path");
    entry.shape(draft);
    return {};
  }
  return Error::fixed(ErrorCode::not_found, "there is no such case; GET /cases lists them");
}

std::size_t first_token(const Events& events) noexcept {
  const auto found =
      std::find_if(events.begin(), events.end(), [](const SseEvent& e) { return e.token; });
  return found == events.end() ? opening(events) : static_cast<std::size_t>(found - events.begin());
}

std::size_t behind_tokens(const Events& events) noexcept {
  for (std::size_t i = events.size(); i > 0; --i) {
    if (events[i - 1].token) return i;
  }
  return opening(events);
}

void keep_tokens(Events& events, std::int64_t count) {
  std::size_t end = first_token(events);
  for (; end < events.size() && events[end].token && count > 0; ++end) --count;
  events.resize(end);
}

void interleave(Events& events, const SseEvent& event) {
  Events mixed;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (i > 0) mixed.push_back(event);
    mixed.push_back(std::move(events[i]));
  }
  events = std::move(mixed);
}

}  // namespace scena::fault
