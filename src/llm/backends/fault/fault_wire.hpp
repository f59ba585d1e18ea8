#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace scena::fault {

enum class Dialect { chat_completions, messages };

/// One event of a stream. `raw` stands as it is, in place of name and data.
struct SseEvent {
  std::string name;
  std::string data;
  std::string raw;
  bool token = false;  ///< Brings a piece of the text.
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
std::string quoted(std::string_view text);

/// A chunk of chat completions. `delta` is a JSON object, `finish` a JSON value, `more` members
/// behind the choices, beginning with a comma.
std::string chat_chunk(const WireReply& reply, std::string_view delta,
                       std::string_view finish = "null", std::string_view more = {});
/// A chunk with an empty list of choices.
std::string chat_chunk_without_choices(const WireReply& reply, std::string_view more);
std::string chat_usage(const WireReply& reply, std::int64_t output_tokens);
std::string content_delta(std::string_view text);

/// An event of the messages API whose name is the `type` in `data`.
SseEvent message_event(std::string_view type, std::string_view members);
SseEvent text_delta_event(int index, std::string_view text);
std::string message_start_members(const WireReply& reply);

/// The whole stream as the service itself sends it.
Events stream_events(Dialect dialect, const WireReply& reply);
/// The answer to a request without streaming.
std::string whole_body(Dialect dialect, const WireReply& reply);

/// What an error says, in both dialects' words.
struct WireError {
  int status = 400;
  std::string type;     ///< Empty: by the status.
  std::string code;     ///< Chat completions only; empty: null.
  std::string param;    ///< Chat completions only; empty: null.
  std::string message;  ///< Empty: by the status.
};
std::string error_body(Dialect dialect, const WireError& error, std::string_view request_id);
/// The error as an event inside a stream.
SseEvent error_event(Dialect dialect, const WireError& error);

}  // namespace scena::fault
