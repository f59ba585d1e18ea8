#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace scena::fault {

/// The wire formats that are spoken; fault_dialect.hpp has what tells one from another.
enum class Dialect { chat_completions, messages, responses, gemini, cohere, ollama };

/// One event of a stream, or one line of it. `raw` stands as it is, in place of name and data.
struct SseEvent {
  std::string name;
  std::string data;
  std::string raw;
  bool token = false;    ///< Brings a piece of the text.
  bool opening = false;  ///< Stands in front of every text.
  std::chrono::milliseconds wait{0};
};
using Events = std::vector<SseEvent>;

/// What one answer says, before it is put into a wire format.
struct WireReply {
  std::string id;
  std::string model;
  std::vector<std::string> tokens;
  std::int64_t input_tokens = 0;
  bool include_usage = true;  ///< Chat completions: the request asked for it.
  std::string finish;         ///< In the dialect's own words, e.g. "stop" or "end_turn".
};

/// A JSON string with its quotes.
std::string json_quoted(std::string_view text);

/// A chunk of chat completions. `delta` is a JSON object, `finish` a JSON value, `more` members
/// behind the choices, beginning with a comma.
std::string chat_chunk(const WireReply& reply, std::string_view delta,
                       std::string_view finish = "null", std::string_view more = {});
/// The chunk that names the role.
SseEvent chat_opening(const WireReply& reply);
/// A chunk with an empty list of choices.
std::string chat_chunk_without_choices(const WireReply& reply, std::string_view more);
std::string chat_usage(const WireReply& reply, std::int64_t output_tokens);
std::string content_delta(std::string_view text);

/// An event of the messages API whose name is the `type` in `data`.
SseEvent message_event(std::string_view type, std::string_view members);
SseEvent text_delta_event(int index, std::string_view text);
std::string message_start_members(const WireReply& reply);

/// A chunk of Gemini with these parts, JSON values with commas between them; `finish` is a JSON
/// value, or empty.
std::string gemini_chunk(const WireReply& reply, std::string_view parts, std::string_view finish,
                         std::int64_t output_tokens);

/// The text of all tokens.
std::string joined(const std::vector<std::string>& tokens);

/// The whole stream as the service itself sends it.
Events stream_events(Dialect dialect, const WireReply& reply);
/// A piece of the text as an event, or line, of that stream.
SseEvent text_event(Dialect dialect, const WireReply& reply, std::string_view text);
/// The answer to a request without streaming.
std::string whole_body(Dialect dialect, const WireReply& reply);

/// What an error says, in every dialect's words.
struct WireError {
  int status = 400;
  std::string type;     ///< Empty: by the status.
  std::string code;     ///< Chat completions and responses only; empty: null.
  std::string param;    ///< As code.
  std::string message;  ///< Empty: by the status.
  std::string details;  ///< Gemini only: JSON behind the status; empty: none.
};
/// The error with its type and message filled in, in that dialect's words.
WireError worded(Dialect dialect, WireError error);
std::string error_body(Dialect dialect, const WireError& error, std::string_view request_id);
/// The error as an event inside a stream.
SseEvent error_event(Dialect dialect, const WireError& error);

}  // namespace scena::fault
