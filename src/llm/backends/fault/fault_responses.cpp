// The responses API of OpenAI.

#include <fmt/format.h>

#include "llm/backends/fault/fault_dialect.hpp"
#include "llm/backends/fault/fault_fields.hpp"
#include "llm/backends/fault/fault_request.hpp"

namespace scena::fault {
namespace {

constexpr std::array kMembers = std::to_array<std::string_view>({
    "model",
    "input",
    "instructions",
    "max_output_tokens",
    "stream",
    "temperature",
    "top_p",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "text",
    "reasoning",
    "include",
    "store",
    "metadata",
    "service_tier",
    "user",
    "safety_identifier",
    "prompt_cache_key",
    "stream_options",
    "truncation",
    "top_logprobs",
    "previous_response_id",
    "background",
    "max_tool_calls",
});

std::string message_item(std::string_view status, std::string_view content) {
  return fmt::format(
      R"({{"id":"msg_1","type":"message","status":"{}","role":"assistant","content":[{}]}})",
      status, content);
}

std::string text_part(std::string_view text) {
  return fmt::format(R"({{"type":"output_text","text":{},"annotations":[]}})", json_quoted(text));
}

// The service tells why a reply stopped by its status.
std::string response(const WireReply& reply, std::string_view status, std::string_view output) {
  const bool open = status == "in_progress";
  const std::string usage = fmt::format(
      R"({{"input_tokens":{},"output_tokens":{},"total_tokens":{}}})", reply.input_tokens,
      reply.tokens.size(), reply.input_tokens + static_cast<std::int64_t>(reply.tokens.size()));
  return fmt::format(
      R"({{"id":{},"object":"response","status":"{}","error":null,"incomplete_details":{},"model":{},"output":[{}],"usage":{}}})",
      json_quoted(reply.id), status,
      status == "incomplete" ? fmt::format(R"({{"reason":{}}})", json_quoted(reply.finish))
                             : "null",
      json_quoted(reply.model), output, open ? "null" : usage);
}

std::string last_status(const WireReply& reply) {
  return reply.finish == "max_output_tokens" ? "incomplete" : reply.finish;
}

SseEvent event(std::string_view type, std::string_view members) {
  return {.name = std::string(type), .data = fmt::format(R"({{"type":"{}",{}}})", type, members)};
}

SseEvent text(const WireReply&, std::string_view delta) {
  SseEvent made =
      event("response.output_text.delta",
            fmt::format(R"("item_id":"msg_1","output_index":0,"content_index":0,"delta":{})",
                        json_quoted(delta)));
  made.token = true;
  return made;
}

Events stream(const WireReply& reply) {
  Events events;
  events.push_back(event("response.created", "\"response\":" + response(reply, "in_progress", "")));
  events.push_back(event("response.output_item.added",
                         R"("output_index":0,"item":)" + message_item("in_progress", "")));
  events.push_back(
      event("response.content_part.added",
            R"("item_id":"msg_1","output_index":0,"content_index":0,"part":)" + text_part("")));
  for (SseEvent& opening : events) opening.opening = true;
  for (const std::string& token : reply.tokens) events.push_back(text(reply, token));
  const std::string whole = text_part(joined(reply.tokens));
  events.push_back(event("response.output_text.done",
                         R"("item_id":"msg_1","output_index":0,"content_index":0,"text":)" +
                             json_quoted(joined(reply.tokens))));
  events.push_back(event("response.output_item.done",
                         R"("output_index":0,"item":)" + message_item("completed", whole)));
  const std::string status = last_status(reply);
  events.push_back(
      event("response." + status,
            "\"response\":" + response(reply, status, message_item("completed", whole))));
  return events;
}

std::string whole(const WireReply& reply) {
  return response(reply, last_status(reply),
                  message_item("completed", text_part(joined(reply.tokens))));
}

SseEvent error_event_of(const WireError& error) {
  const WireError full = worded(Dialect::responses, error);
  return event("error", fmt::format(R"("code":{},"message":{},"param":null)",
                                    json_quoted(full.code.empty() ? full.type : full.code),
                                    json_quoted(full.message)));
}

std::optional<WireError> read_item(const Json& item, const std::string& at, ReplyRequest& request) {
  if (!item.is_object()) return refuse(at, at + " must be an object.");
  const auto role = item.find("role");
  if (role == item.end()) return std::nullopt;  // a call, its result, or reasoning
  const auto content = item.find("content");
  const auto said = content == item.end() ? std::nullopt : text_of(*content);
  if (!role->is_string() || !said)
    return refuse(at, at + " must have a role and content as a text or an array of parts.");
  if (*role == "system" || *role == "developer") {
    request.system += *said;
  } else {
    request.messages.push_back(
        {.role = *role == "assistant" ? PromptRole::assistant : PromptRole::user, .text = *said});
  }
  return std::nullopt;
}

std::optional<WireError> read(const Json& body, FaultCall& call) {
  ReplyRequest& request = call.request;
  if (auto refusal = check_members(body, kMembers)) return refusal;
  if (auto refusal = take_model(body, request)) return refusal;
  if (const auto told = body.find("instructions"); told != body.end() && told->is_string())
    request.system = told->get<std::string>();
  const auto input = body.find("input");
  if (input == body.end() || !(input->is_string() || input->is_array()) || input->empty())
    return refuse("input", "input must be a text or an array of items.");
  if (input->is_string()) request.messages.push_back({.text = input->get<std::string>()});
  for (std::size_t i = 0; input->is_array() && i < input->size(); ++i) {
    if (auto refusal = read_item((*input)[i], "input[" + std::to_string(i) + "]", request))
      return refusal;
  }
  if (auto refusal = take_bool(body, "stream", request.stream)) return refusal;
  if (auto refusal = take_number(body, "temperature", 0, 2)) return refusal;
  return take_count(body, "max_output_tokens", request.max_tokens);
}

}  // namespace

const WireDialect& responses_dialect() noexcept {
  static const WireDialect row = {
      .dialect = Dialect::responses,
      .path = "responses",
      .id_prefix = "resp_",
      .stop_word = "completed",
      .length_word = "max_output_tokens",
      .unknown_word = "completed",
      .quota = chat_dialect().quota,
      .context = chat_dialect().context,
      .stream = stream,
      .text = text,
      .whole = whole,
      .error_body = chat_dialect().error_body,
      .error_event = error_event_of,
      .read = read,
  };
  return row;
}

}  // namespace scena::fault
