#include "llm/layers/request_key.hpp"

#include <bit>

#include "base/sha256.hpp"

namespace scena::llm {
namespace {

// Length in front of every text and a mark for what is absent: no two requests give the same bytes.
class KeyBytes {
 public:
  void text(std::string_view piece) {
    number(static_cast<std::int64_t>(piece.size()));
    bytes_ += piece;
  }
  // Seven bits a byte: nearly every one is small.
  void number(std::int64_t value) {
    auto rest = static_cast<std::uint64_t>(value);
    for (; rest >= 0x80; rest >>= 7) bytes_ += static_cast<char>((rest & 0x7F) | 0x80);
    bytes_ += static_cast<char>(rest);
  }
  template <class T>
  void optional(const std::optional<T>& value) {
    number(value.has_value());
    if (!value) return;
    if constexpr (std::is_floating_point_v<T>) {
      number(std::bit_cast<std::int64_t>(*value));
    } else {
      number(static_cast<std::int64_t>(*value));
    }
  }
  template <class Map>
  void map(const Map& values) {
    number(static_cast<std::int64_t>(values.size()));
    for (const auto& [name, value] : values) {
      text(name);
      text(value);
    }
  }
  std::string digest() const { return sha256_hex(bytes_); }
  void reserve(std::size_t size) { bytes_.reserve(size); }

 private:
  std::string bytes_;
};

void add_message(KeyBytes& key, const PromptMessage& message) {
  key.number(static_cast<int>(message.role));
  key.text(message.text);
  key.text(message.name);
  key.number(static_cast<std::int64_t>(message.media.size()));
  for (const auto& part : message.media) {
    key.number(static_cast<int>(part.kind));
    for (const auto* text : {&part.media_type, &part.bytes, &part.url, &part.name}) key.text(*text);
  }
  key.number(static_cast<std::int64_t>(message.tool_calls.size()));
  for (const auto& call : message.tool_calls) {
    for (const auto* text : {&call.id, &call.name, &call.arguments}) key.text(*text);
    key.number(call.valid ? 1 : 0);
  }
  key.text(message.tool_call_id);
  key.number(message.tool_failed ? 1 : 0);
  key.text(message.state);
}

void add_tools(KeyBytes& key, const ReplyRequest& request) {
  key.number(static_cast<std::int64_t>(request.tools.size()));
  for (const auto& tool : request.tools) {
    for (const auto* text : {&tool.name, &tool.description, &tool.parameters}) key.text(*text);
    key.number(tool.strict ? 1 : 0);
  }
  key.number(static_cast<int>(request.tool_choice.kind));
  key.text(request.tool_choice.name);
  key.optional(request.parallel_tools);
}

void add_settings(KeyBytes& key, const ReplyRequest& request) {
  key.text(request.model);
  key.optional(request.temperature);
  key.optional(request.top_p);
  key.optional(request.max_tokens);
  key.optional(request.seed);
  key.number(static_cast<std::int64_t>(request.stop.size()));
  for (const auto& stop : request.stop) key.text(stop);
  key.text(request.reasoning_effort);
  key.text(request.json_schema);
  key.number(request.refuse_unsupported ? 1 : 0);
  key.number(request.stream ? 1 : 0);
  key.number(static_cast<std::int64_t>(request.max_bytes));
  key.map(request.extra.headers);
  key.map(request.extra.query);
  key.text(request.extra.body);
}

// What decides where a rule sends the call, and what an offline script answers by.
void add_context(KeyBytes& key, const ReplyRequest& request) {
  const CallContext& context = request.context;
  key.text(context.tenant);
  key.number(static_cast<int>(context.purpose));
  key.text(context.tier);
  key.text(context.language);
  key.number(context.attempt);
  key.text(request.script);
  if (request.script.empty()) return;
  key.text(context.character);
  key.number(static_cast<std::int64_t>(context.session_seed));
  key.number(context.turn_number);
  key.number(context.reply_number);
}

}  // namespace

std::string request_key_prefix(std::string_view tenant) {
  return sha256_hex(tenant).substr(0, 16) + "/";
}

std::string request_key(std::string_view service, const ReplyRequest& request) {
  KeyBytes key;
  std::size_t size = 512 + request.system.size();
  for (const auto& message : request.messages) size += message.text.size() + 64;
  key.reserve(size);
  key.text(service);
  add_settings(key, request);
  add_context(key, request);
  key.text(request.system);
  key.number(static_cast<std::int64_t>(request.messages.size()));
  for (const auto& message : request.messages) add_message(key, message);
  add_tools(key, request);
  return request_key_prefix(request.context.tenant) + key.digest();
}

}  // namespace scena::llm
