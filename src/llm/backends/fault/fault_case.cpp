#include "llm/backends/fault/fault_case.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace scena::fault {
namespace {

// Where tokens would stand in a stream without any: behind its opening events.
std::size_t opening(const Events& events) noexcept {
  const bool chat = events.empty() || events.front().name.empty();
  return std::min<std::size_t>(events.size(), chat ? 1 : 3);
}

}  // namespace

std::vector<FaultCase> all_fault_cases() {
  std::vector<FaultCase> cases;
  for (const auto group : {framing_cases(), chat_cases(), messages_cases(), http_cases()}) {
    cases.insert(cases.end(), group.begin(), group.end());
  }
  return cases;
}

Result<void> apply_case(std::string_view id, FaultDraft& draft) {
  for (const FaultCase& entry : all_fault_cases()) {
    if (!equals_ignore_case(entry.id, id)) continue;
    const bool chat = draft.dialect == Dialect::chat_completions;
    if (entry.where == (chat ? FaultCase::Where::messages : FaultCase::Where::chat)) {
      return Error::fixed(ErrorCode::unsupported, "this case belongs to the other path");
    }
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
