#include <fmt/format.h>

#include <array>

#include "llm/backends/fault/fault_case.hpp"

namespace scena::fault {
namespace {

using Where = FaultCase::Where;

std::int64_t count(const FaultDraft& draft) {
  return static_cast<std::int64_t>(draft.reply.tokens.size());
}

std::string usage_member(const FaultDraft& draft) {
  return ",\"usage\":" + chat_usage(draft.reply, count(draft));
}

// The stream from its parts: first chunk, texts, the end, usage if wanted, [DONE].
void rebuild(FaultDraft& draft, std::string_view finish_json, bool usage,
             std::string_view finish_more = {}) {
  WireReply& reply = draft.reply;
  Events tokens;
  for (SseEvent& event : draft.events) {
    if (event.token) tokens.push_back(std::move(event));
  }
  draft.events.clear();
  draft.events.push_back(chat_opening(reply));
  std::move(tokens.begin(), tokens.end(), std::back_inserter(draft.events));
  if (!finish_json.empty())
    draft.events.push_back({.data = chat_chunk(reply, "{}", finish_json, finish_more)});
  if (usage)
    draft.events.push_back({.data = chat_chunk_without_choices(reply, usage_member(draft))});
  draft.events.push_back({.data = "[DONE]"});
}

void put(FaultDraft& draft, std::size_t at, std::string data) {
  draft.events.insert(draft.events.begin() + static_cast<std::ptrdiff_t>(at),
                      SseEvent{.data = std::move(data)});
}

void put_delta(FaultDraft& draft, std::size_t at, std::string_view delta) {
  put(draft, at, chat_chunk(draft.reply, delta));
}

void usage_before_last(FaultDraft& draft) {
  rebuild(draft, R"("stop")", false);
  const std::size_t last = behind_tokens(draft.events);
  put(draft, last, chat_chunk(draft.reply, "{}", "null", usage_member(draft)));
}

void usage_empty_early(FaultDraft& draft) {
  rebuild(draft, R"("stop")", true);
  put(draft, 1, chat_chunk(draft.reply, "{}", "null", R"(,"usage":{})"));
  put(draft, 1,
      chat_chunk(draft.reply, "{}", "null",
                 R"(,"usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0})"));
}

void usage_twice_groq(FaultDraft& draft) {
  const std::string groq = fmt::format(R"(,"x_groq":{{"id":"req_1","usage":{}}})",
                                       chat_usage(draft.reply, count(draft)));
  rebuild(draft, R"("stop")", true, groq);
}

void usage_running(FaultDraft& draft) {
  std::int64_t said = 0;
  for (SseEvent& event : draft.events) {
    if (!event.token) continue;
    const auto& text = draft.reply.tokens[static_cast<std::size_t>(said)];
    ++said;
    event.data = chat_chunk(draft.reply, content_delta(text), "null",
                            ",\"usage\":" + chat_usage(draft.reply, said));
  }
}

// Reasoning in the three places where services put it, then the text.
void reasoning(FaultDraft& draft, std::string_view delta) {
  put_delta(draft, 1, delta);
}

void content_parts(FaultDraft& draft) {
  std::size_t i = 0;
  for (SseEvent& event : draft.events) {
    if (!event.token) continue;
    event.data =
        chat_chunk(draft.reply, fmt::format(R"({{"content":[{{"type":"text","text":{}}}]}})",
                                            json_quoted(draft.reply.tokens[i++])));
  }
}

void azure(FaultDraft& draft) {
  draft.reply.id.clear();
  rebuild(draft, R"("stop")", true);
  const char* offsets =
      R"("content_filter_offsets":{"check_offset":44,"start_offset":44,"end_offset":198})";
  put(draft, behind_tokens(draft.events),
      fmt::format(
          R"({{"id":"","object":"","created":0,"model":"","choices":[{{"index":0,"finish_reason":null,{}}}]}})",
          offsets));
  put(draft, 0,
      R"({"id":"","object":"","created":0,"model":"","choices":[],"prompt_filter_results":[{"prompt_index":0,"content_filter_results":{}}]})");
}

void failing(FaultDraft& draft, std::int64_t tokens, std::string data) {
  keep_tokens(draft.events, tokens);
  draft.events.push_back({.data = std::move(data)});
}

void bare_chunks(FaultDraft& draft) {
  std::size_t i = 0;
  for (SseEvent& event : draft.events) {
    if (!event.token) continue;
    event.data = fmt::format(R"({{"choices":[{{"delta":{{"role":"{}","content":{}}}}}]}})",
                             i % 2 ? "" : "model", json_quoted(draft.reply.tokens[i]));
    ++i;
  }
}

constexpr std::array kCases = std::to_array<FaultCase>({
    {"D1", Where::chat, "no usage at all", [](FaultDraft& d) { rebuild(d, R"("stop")", false); }},
    {"D2", Where::chat, "the last chunk has an empty list of choices",
     [](FaultDraft& d) { rebuild(d, R"("stop")", true); }},
    {"D3", Where::chat, "usage in the chunk with the finish reason",
     [](FaultDraft& d) { rebuild(d, R"("stop")", false, usage_member(d)); }},
    {"D4", Where::chat, "usage in the chunk before the last, none in the last", usage_before_last},
    {"D5", Where::chat, "usage empty and zero at first, real at the end", usage_empty_early},
    {"D6", Where::chat, "usage under x_groq and again as usual", usage_twice_groq},
    {"D7", Where::chat, "running usage in every chunk", usage_running},
    {"D15", Where::chat, "the finish reason is the unknown word eos", [](FaultDraft& d) { rebuild(d, R"("eos")", true); }},
    {"D15none", Where::chat, "no finish reason, then [DONE]", [](FaultDraft& d) { rebuild(d, "", true); }},
    {"D15empty", Where::chat, "the finish reason is empty", [](FaultDraft& d) { rebuild(d, R"("")", true); }},
    {"D17", Where::chat, "reasoning in reasoning_content",
     [](FaultDraft& d) { reasoning(d, R"({"reasoning_content":"Let me see."})"); }},
    {"D17r", Where::chat, "reasoning in reasoning",
     [](FaultDraft& d) { reasoning(d, R"({"content":"","reasoning":"Let me see."})"); }},
    {"D17d", Where::chat, "reasoning in reasoning_details",
     [](FaultDraft& d) {
       reasoning(d, R"({"reasoning_details":[{"type":"reasoning.text","text":"Let me see.","index":0}]})");
     }},
    {"D17m", Where::chat, "reasoning as a part of the content",
     [](FaultDraft& d) {
       reasoning(d, R"({"content":[{"type":"thinking","thinking":[{"type":"text","text":"Let me see."}]}]})");
     }},
    {"D17t", Where::chat, "reasoning between think tags in the text",
     [](FaultDraft& d) { reasoning(d, R"({"content":"<think>Let me see.</think>"})"); }},
    {"D18", Where::chat, "content is an array of parts", content_parts},
    {"D19", Where::chat, "empty texts between the others",
     [](FaultDraft& d) {
       interleave(d.events, {.data = chat_chunk(d.reply, R"({"content":""})")});
       d.events.erase(d.events.end() - 2);  // nothing in front of [DONE]
     }},
    {"D20", Where::chat, "filter results without choices, and a choice without delta", azure},
    {"D21", Where::chat, "an error with a number as code in mid-stream",
     [](FaultDraft& d) { failing(d, 2, R"({"error":{"code":502,"message":"Upstream failed"}})"); }},
    {"D21c", Where::chat, "an error inside the choice, finish reason error",
     [](FaultDraft& d) {
       failing(d, 2, R"({"id":"x","choices":[{"index":0,"delta":{"content":""},"finish_reason":"error","error":{"code":502,"message":"Upstream failed"}}]})");
     }},
    {"D22", Where::chat, "a whole stream without text",
     [](FaultDraft& d) {
       std::erase_if(d.events, [](const SseEvent& e) { return e.token; });
       rebuild(d, R"("stop")", false);
     }},
    {"D23", Where::chat, "llama.cpp members: timings and __verbose, no usage",
     [](FaultDraft& d) {
       rebuild(d, R"("stop")", false,
               R"(,"timings":{"prompt_n":12,"prompt_ms":3.5,"predicted_n":4,"predicted_ms":80.25,"cache_n":0},"__verbose":{"x":[1]})");
     }},
    {"D24", Where::chat, "odd roles; id, object, created and index are missing", bare_chunks},
    {"D25", Where::chat, "the text breaks off, then [DONE] without a finish reason",
     [](FaultDraft& d) { failing(d, 2, "[DONE]"); }},
    {"D27", Where::chat, "an error about quota right behind the first chunk",
     [](FaultDraft& d) {
       failing(d, 0, R"({"error":{"message":"You exceeded your quota.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}})");
     }},
    {"D28", Where::chat, "more bytes behind [DONE]",
     [](FaultDraft& d) { d.after_events = "data: {\"late\":true}\n\ngarbage behind the end\n"; }},
});

}  // namespace

std::span<const FaultCase> chat_cases() noexcept {
  return kCases;
}

}  // namespace scena::fault
