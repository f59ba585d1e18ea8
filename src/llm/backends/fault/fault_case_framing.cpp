#include <array>
#include <string_view>

#include "llm/backends/fault/fault_case.hpp"

namespace scena::fault {
namespace {

using Where = FaultCase::Where;

constexpr std::size_t kHugeEvent = 2u << 20;
constexpr std::size_t kManyEvents = 40'000;

void insert(FaultDraft& draft, std::size_t at, SseEvent event) {
  draft.events.insert(draft.events.begin() + static_cast<std::ptrdiff_t>(at), std::move(event));
}

// The first comma that is no part of a string.
std::size_t comma_between_members(std::string_view json) {
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (json[i] == '\\') {
      ++i;
    } else if (json[i] == '"') {
      in_string = !in_string;
    } else if (json[i] == ',' && !in_string) {
      return i;
    }
  }
  return std::string_view::npos;
}

// JSON may be broken at its commas: white space between tokens changes nothing.
void break_data_lines(FaultDraft& draft) {
  for (SseEvent& event : draft.events) {
    const std::size_t comma = comma_between_members(event.data);
    if (comma == std::string::npos) continue;
    std::string raw;
    if (!event.name.empty()) raw = "event: " + event.name + "\n";
    raw += "data:\ndata: " + event.data.substr(0, comma + 1) +
           "\ndata: " + event.data.substr(comma + 1) + "\n\n";
    event.raw = std::move(raw);
  }
}

void split_characters(FaultDraft& draft) {
  insert(draft, behind_tokens(draft.events),
         text_event(draft.dialect, draft.reply,
                    " Gr\xC3\xBC\xC3\x9F"
                    "e \xF0\x9F\x98\x80 \xE6\x97\xA5"));
  draft.split = 1;
}

void huge_event(FaultDraft& draft) {
  insert(draft, behind_tokens(draft.events),
         text_event(draft.dialect, draft.reply, std::string(kHugeEvent, 'x')));
}

void many_events(FaultDraft& draft) {
  const SseEvent event = text_event(draft.dialect, draft.reply, " go");
  const auto at = draft.events.begin() + static_cast<std::ptrdiff_t>(behind_tokens(draft.events));
  draft.events.insert(at, kManyEvents, event);
  draft.one_piece = true;
}

void unknown_events(FaultDraft& draft) {
  const bool chat = draft.dialect == Dialect::chat_completions;
  interleave(draft.events,
             chat ? SseEvent{.name = "metrics",
                             .data = R"({"object":"chat.metrics","choices":[],"load":0.5})"}
                  : message_event("content_block_sparkle", R"("index":0,"x":{"y":[1,2]})"));
}

void json_answer(FaultDraft& draft) {
  draft.whole_body = whole_body(draft.dialect, draft.reply);
  draft.set_field("content-type", "application/json");
}

constexpr std::
    array
        kFramingCases =
            std::
                to_array<FaultCase>(
                    {
                        {"F1", Where::any, "characters of several bytes, one byte a piece",
                         split_characters},
                        {"F2", Where::events, "line ends are CRLF",
                         [](FaultDraft& d) { d.line_end = "\r\n"; }},
                        {"F2cr", Where::events, "line ends are lone CR",
                         [](FaultDraft& d) { d.line_end = "\r"; }},
                        {"F2split", Where::events, "line ends are CRLF, one byte a piece",
                         [](FaultDraft& d) {
                           d.line_end = "\r\n";
                           d.split = 1;
                         }},
                        {"F3", Where::events, "a byte-order mark in front",
                         [](FaultDraft& d) { d.before_events = "\xEF\xBB\xBF"; }},
                        {"F4", Where::events, "no space behind the colon",
                         [](FaultDraft& d) { d.space_after_colon = false; }},
                        {"F5", Where::events, "events of several data lines, the first one empty",
                         break_data_lines},
                        {"F6", Where::events, "comments between all events",
                         [](FaultDraft& d) {
                           interleave(d.events, {.raw = ": OPENROUTER PROCESSING\n\n"});
                         }},
                        {"F7", Where::events, "blank lines and events without data",
                         [](FaultDraft& d) {
                           interleave(d.events,
                                      {.raw = "\n\nid: 7\nretry: 3000\nevent: nothing\n\n"});
                         }},
                        {"F8", Where::events, "keep-alives inside data, and empty data",
                         [](FaultDraft& d) {
                           interleave(d.events, {.raw = "data: : keepalive\n\ndata:\n\n"});
                         }},
                        {"F9", Where::events, "a field named error in mid-stream",
                         [](FaultDraft& d) {
                           keep_tokens(d.events, 2);
                           d.after_events =
                               "error: {\"code\":500,\"message\":\"slot "
                               "failed\",\"type\":\"server_error\"}\n\n";
                         }},
                        {"F9x", Where::events, "unknown fields in every event",
                         [](FaultDraft& d) {
                           interleave(d.events, {.raw = "colour: blue\nnonsense\n\n"});
                         }},
                        {"F10", Where::events, "event names and types that nobody knows",
                         unknown_events},
                        {"F11", Where::events, "the last event lacks its blank line",
                         [](FaultDraft& d) {
                           SseEvent& last = d.events.back();
                           last.raw = frame_event(d, last);
                           last.raw.resize(last.raw.size() - 1);
                         }},
                        {"F12", Where::any, "an event of 2 MiB", huge_event},
                        {"F13", Where::any, "40,000 more events in one write", many_events},
                        {"F14", Where::any, "a whole JSON answer to a request for a stream",
                         json_answer},
                        {"F15", Where::any, "the stream is compressed",
                         [](FaultDraft& d) { d.gzip = true; }},
                        {"F16", Where::any, "blank lines in front of the answer",
                         [](FaultDraft& d) {
                           d.before_events = "\n\n\n\n";
                           if (d.whole_body) d.whole_body->insert(0, "\n\n\n\n");
                         }},
                    });

}  // namespace

std::span<const FaultCase> framing_cases() noexcept {
  return kFramingCases;
}

}  // namespace scena::fault
