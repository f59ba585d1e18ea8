#include <fmt/format.h>

#include <array>

#include "llm/backends/fault/fault_case.hpp"
#include "llm/backends/fault/fault_dialect.hpp"

namespace scena::fault {
namespace {

using Where = FaultCase::Where;

std::int64_t tokens_of(const FaultDraft& draft) {
  return static_cast<std::int64_t>(draft.reply.tokens.size());
}

void only(FaultDraft& draft, std::string data) {
  draft.events.clear();
  draft.events.push_back({.data = std::move(data)});
}

void refused(FaultDraft& draft, int status, std::string body) {
  draft.status = status;
  draft.set_field("content-type", "application/json");
  draft.whole_body = std::move(body);
  draft.framing = BodyFraming::length;
}

void blocked_prompt(FaultDraft& draft) {
  only(
      draft,
      fmt::format(
          R"({{"promptFeedback":{{"blockReason":"SAFETY","safetyRatings":[]}},"usageMetadata":{{"promptTokenCount":{0},"totalTokenCount":{0}}},"modelVersion":{1}}})",
          draft.reply.input_tokens, json_quoted(draft.reply.model)));
}

void malformed_call(FaultDraft& draft) {
  only(
      draft,
      R"({"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL","index":0}],"usageMetadata":{"promptTokenCount":1}})");
}

// Thoughts are counted beside the text's tokens.
void thoughts(FaultDraft& draft) {
  WireReply& reply = draft.reply;
  const std::string thought = R"({"text":"Let me see.","thought":true})";
  draft.events.insert(draft.events.begin(), {.data = gemini_chunk(reply, thought, {}, 0)});
  std::string& last = draft.events.back().data;
  const std::string_view mark = "\"totalTokenCount\"";
  last.insert(last.rfind(mark), "\"thoughtsTokenCount\":7,");
}

void bare_error_line(FaultDraft& draft) {
  keep_tokens(draft.events, 2);
  draft.after_events =
      R"({"error":{"code":503,"message":"The service is unavailable.","status":"UNAVAILABLE"}})"
      "\n";
}

void text_with_reason(FaultDraft& draft) {
  if (draft.reply.tokens.empty()) return;
  draft.events.resize(behind_tokens(draft.events));
  draft.events.back().data =
      gemini_chunk(draft.reply, "{\"text\":" + json_quoted(draft.reply.tokens.back()) + "}",
                   json_quoted(draft.reply.finish), tokens_of(draft));
}

void second_candidate(FaultDraft& draft) {
  draft.events.insert(
      draft.events.begin() + static_cast<std::ptrdiff_t>(first_token(draft.events)),
      {.data =
           R"({"candidates":[{"content":{"parts":[{"text":"other"}],"role":"model"},"finishReason":"STOP","index":1}]})"});
}

void ends_with(FaultDraft& draft, std::string_view reason) {
  keep_tokens(draft.events, 2);
  draft.events.push_back(message_event(
      "message-end",
      fmt::format(R"("delta":{{"finish_reason":"{}","error":"Upstream failed"}})", reason)));
}

void plan_first(FaultDraft& draft) {
  draft.events.insert(
      draft.events.begin() + 1,
      message_event("tool-plan-delta", R"("delta":{"message":{"tool_plan":"Let me see."}})"));
}

// Whole numbers as the schema has them.
void float_counts(FaultDraft& draft) {
  for (const char* name : {"\"input_tokens\":", "\"output_tokens\":"}) {
    std::string& last = draft.events.back().data;
    for (std::size_t at = 0; (at = last.find(name, at)) != std::string::npos; ++at)
      last.insert(last.find_first_of(",}", at), ".0");
  }
}

void prompt_in_cache(FaultDraft& draft) {
  std::string& last = draft.events.back().data;
  const std::size_t at = last.find("\"prompt_eval_count\"");
  last.erase(at, last.find(',', at) + 1 - at);
}

constexpr const char* kRetryInfo =
    R"({"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"38.5s"})";

constexpr std::array kServicesCases = std::to_array<FaultCase>({
    {"G1", Where::gemini, "the prompt is blocked: no candidates", blocked_prompt},
    {"G2", Where::gemini, "a malformed call as finish reason, without content", malformed_call},
    {"G5", Where::gemini, "thoughts, counted beside the text", thoughts},
    {"G7", Where::gemini, "429 whose delay stands in the body",
     [](FaultDraft& d) {
       refused(d, 429, error_body(Dialect::gemini, {.status = 429, .details = kRetryInfo}, {}));
     }},
    {"G8", Where::gemini, "an error as a bare line in mid-stream", bare_error_line},
    {"G9", Where::gemini, "an error's body is an array",
     [](FaultDraft& d) {
       refused(d, 400, "[" + error_body(Dialect::gemini, {.status = 400}, {}) + "]");
     }},
    {"G10", Where::gemini, "text in the chunk with the finish reason", text_with_reason},
    {"G11", Where::gemini, "a second candidate among the first's texts", second_candidate},
    {"C2", Where::cohere, "the finish reason ERROR in mid-stream",
     [](FaultDraft& d) { ends_with(d, "ERROR"); }},
    {"C2timeout", Where::cohere, "the finish reason TIMEOUT in mid-stream",
     [](FaultDraft& d) { ends_with(d, "TIMEOUT"); }},
    {"C3", Where::cohere, "counts are floats", float_counts},
    {"C4", Where::cohere, "planning text in front of the reply", plan_first},
    {"O2", Where::ollama, "the prompt is not counted", prompt_in_cache},
    {"O5", Where::ollama, "an error line in mid-stream",
     [](FaultDraft& d) {
       keep_tokens(d.events, 2);
       d.events.push_back({.data = R"({"error":"error parsing tool call"})"});
     }},
});

}  // namespace

std::span<const FaultCase> service_cases() noexcept {
  return kServicesCases;
}

}  // namespace scena::fault
