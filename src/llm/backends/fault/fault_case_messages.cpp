#include <fmt/format.h>

#include <array>

#include "llm/backends/fault/fault_case.hpp"

namespace scena::fault {
namespace {

using Where = FaultCase::Where;

void put(FaultDraft& draft, std::size_t at, SseEvent event) {
  draft.events.insert(draft.events.begin() + static_cast<std::ptrdiff_t>(at), std::move(event));
}

SseEvent overloaded() {
  return error_event(Dialect::messages, {.status = 529});
}

void repeated_start(FaultDraft& draft, std::string_view id) {
  WireReply again = draft.reply;
  again.id = id;
  put(draft, first_token(draft.events) + 1,
      message_event("message_start", message_start_members(again)));
}

// A thinking block at index 7 opens while the text block at 0 is still being written.
void interleaved(FaultDraft& draft) {
  const std::size_t at = first_token(draft.events) + 1;
  put(draft, at,
      message_event(
          "content_block_start",
          R"("index":7,"content_block":{"type":"thinking","thinking":"","signature":""})"));
  put(draft, at + 1,
      message_event("content_block_delta",
                    R"("index":7,"delta":{"type":"thinking_delta","thinking":"Let me see."})"));
  put(draft, behind_tokens(draft.events), message_event("content_block_stop", R"("index":7)"));
}

void text_in_start(FaultDraft& draft) {
  const std::size_t first = first_token(draft.events);
  if (draft.reply.tokens.empty()) return;
  for (SseEvent& event : draft.events) {
    if (event.name != "content_block_start") continue;
    event = message_event("content_block_start",
                          fmt::format(R"("index":0,"content_block":{{"type":"text","text":{}}})",
                                      json_quoted(draft.reply.tokens.front())));
    event.token = true;
  }
  draft.events.erase(draft.events.begin() + static_cast<std::ptrdiff_t>(first));
}

void usage_twice(FaultDraft& draft) {
  for (std::size_t i = 0; i < draft.events.size(); ++i) {
    if (draft.events[i].name != "message_delta") continue;
    put(draft, i,
        message_event(
            "message_delta",
            fmt::format(
                R"("delta":{{"stop_reason":null}},"usage":{{"input_tokens":{},"output_tokens":{}}})",
                draft.reply.input_tokens, draft.reply.tokens.size())));
    return;
  }
}

void silent_thinking(FaultDraft& draft) {
  const SseEvent block[] = {
      message_event(
          "content_block_start",
          R"("index":1,"content_block":{"type":"thinking","thinking":"","signature":""})"),
      message_event("content_block_delta",
                    R"("index":1,"delta":{"type":"signature_delta","signature":"c2lnbmF0dXJl"})"),
      message_event("content_block_stop", R"("index":1)"),
  };
  std::size_t at = 1;
  for (const SseEvent& event : block) put(draft, at++, event);
}

constexpr std::array kMessagesCases = std::to_array<FaultCase>({
    {"A1", Where::messages, "overloaded in mid-stream",
     [](FaultDraft& d) {
       keep_tokens(d.events, 2);
       d.events.push_back(overloaded());
     }},
    {"A2", Where::messages, "an error is the very first event",
     [](FaultDraft& d) {
       d.events.clear();
       d.events.push_back(overloaded());
     }},
    {"A3", Where::messages, "the stream ends without message_stop",
     [](FaultDraft& d) { d.events.pop_back(); }},
    {"A4", Where::messages, "message_start a second time with the same id",
     [](FaultDraft& d) { repeated_start(d, d.reply.id); }},
    {"A4other", Where::messages, "message_start a second time with another id",
     [](FaultDraft& d) { repeated_start(d, "msg_other"); }},
    {"A5", Where::messages, "blocks interleave, their indexes have gaps", interleaved},
    {"A6", Where::messages, "text inside content_block_start", text_in_start},
    {"A8", Where::messages, "usage is reported twice", usage_twice},
    {"A9", Where::messages, "a thinking block with a signature and no text", silent_thinking},
});

}  // namespace

std::span<const FaultCase> messages_cases() noexcept {
  return kMessagesCases;
}

}  // namespace scena::fault
