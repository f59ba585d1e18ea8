#include "domain/message_json.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace scena {
namespace {

constexpr std::array<const char*, 5> kKinds = {"text", "image", "audio", "file", "data"};

bool is_plain_text(const Message& message) {
  if (message.parts.size() != 1) return false;
  const MessagePart& part = message.parts[0];
  return part.kind == MessagePart::Kind::text && part.blob.empty() && part.media_type.empty() &&
         part.size == 0;
}

void write_text(JsonWriter& writer, std::string_view name, const std::string& value) {
  if (!value.empty()) writer.member(name, std::string_view(value));
}

void write_part(JsonWriter& writer, const MessagePart& part) {
  writer.begin_object().member("kind", kKinds[static_cast<std::size_t>(part.kind)]);
  write_text(writer, "text", part.text);
  write_text(writer, "blob", part.blob);
  write_text(writer, "media_type", part.media_type);
  if (part.size != 0) writer.member("size", part.size);
  writer.end_object();
}

void write_count(JsonWriter& writer, std::string_view name, std::int64_t value) {
  if (value != 0) writer.member(name, value);
}

// Reads members of one object; the first fault stops all further reading.
class Members {
 public:
  Members(const Json& json, std::string pointer) : json_(json), pointer_(std::move(pointer)) {
    if (!json.is_object()) fail("", "must be an object");
  }

  void text(const char* name, std::string& out) {
    if (const Json* member = find(name)) {
      if (!member->is_string()) return fail(name, "must be a string");
      out = member->get<std::string>();
    }
  }
  void flag(const char* name, bool& out) {
    if (const Json* member = find(name)) {
      if (!member->is_boolean()) return fail(name, "must be true or false");
      out = member->get<bool>();
    }
  }
  void count(const char* name, std::int64_t& out) {
    if (const Json* member = find(name)) {
      const bool fits = member->is_number_unsigned() && member->get<std::uint64_t>() <= INT64_MAX;
      if (!fits) return fail(name, "must be a whole number from 0");
      out = member->get<std::int64_t>();
    }
  }
  void count(const char* name, std::optional<std::int64_t>& out) {
    if (find(name)) count(name, out.emplace());
  }
  const Json* find(const char* name) {
    if (error_) return nullptr;
    const auto found = json_.find(name);
    return found == json_.end() ? nullptr : &*found;
  }
  void fail(const char* name, const char* reason) {
    const std::string pointer = *name ? json_pointer(pointer_, name) : pointer_;
    adopt(Error(ErrorCode::invalid_argument, "message: " + pointer + " " + reason)
              .with_pointer(pointer));
  }
  void adopt(Error error) {
    if (!error_) error_ = std::move(error);
  }
  const std::optional<Error>& error() const { return error_; }

 private:
  const Json& json_;
  std::string pointer_;
  std::optional<Error> error_;
};

Result<MessagePart> read_part(const Json& json, const std::string& pointer) {
  MessagePart part;
  Members members(json, pointer);
  std::string kind = "text";
  members.text("kind", kind);
  const auto found = std::find(kKinds.begin(), kKinds.end(), kind);
  if (found == kKinds.end()) {
    members.fail("kind", "is not a kind of part");
  } else {
    part.kind = static_cast<MessagePart::Kind>(found - kKinds.begin());
  }
  members.text("text", part.text);
  members.text("blob", part.blob);
  members.text("media_type", part.media_type);
  std::int64_t size = 0;
  members.count("size", size);
  part.size = static_cast<std::uint64_t>(size);
  if (members.error()) return *members.error();
  return part;
}

void read_parts(Members& members, Message& message) {
  std::string text;
  members.text("text", text);
  if (members.find("text")) message.parts.push_back({.text = std::move(text)});
  const Json* parts = members.find("parts");
  if (!parts) return;
  if (!parts->is_array()) return members.fail("parts", "must be a list");
  for (std::size_t i = 0; i < parts->size(); ++i) {
    auto part = read_part((*parts)[i], "/parts/" + std::to_string(i));
    if (!part) return members.adopt(part.error());
    message.parts.push_back(std::move(*part));
  }
}

template <class Enum, class Parse>
void read_word(Members& members, const char* name, Parse parse, Enum& out) {
  std::string word;
  members.text(name, word);
  if (!members.find(name)) return;
  if (const auto value = parse(word)) {
    out = *value;
  } else {
    members.fail(name, "is not a known word");
  }
}

void read_call(Members& members, Message& message) {
  read_word(members, "outcome", parse_outcome, message.outcome);
  read_word(members, "finish_reason", parse_finish_reason, message.finish_reason);
  members.text("provider", message.provider);
  members.text("model", message.model);
  if (const Json* json = members.find("usage")) {
    auto usage = read_usage(*json);
    if (!usage) return members.adopt(usage.error());
    message.usage = *usage;
  }
  read_word(
      members, "cost", [](std::string_view text) { return Money::parse(text); }, message.cost);
}

}  // namespace

void write_error(JsonWriter& writer, const Error& error) {
  writer.key("error").begin_object().member("code", to_string(error.code()));
  writer.member("message", error.what()).end_object();
}

void write_usage(JsonWriter& writer, const Usage& usage) {
  writer.begin_object();
  write_count(writer, "input_tokens", usage.input_tokens);
  write_count(writer, "output_tokens", usage.output_tokens);
  write_count(writer, "cached_input_tokens", usage.cached_input_tokens);
  write_count(writer, "cache_write_tokens", usage.cache_write_tokens);
  write_count(writer, "reasoning_tokens", usage.reasoning_tokens);
  if (usage.billed_input_tokens) writer.member("billed_input_tokens", *usage.billed_input_tokens);
  if (usage.billed_output_tokens)
    writer.member("billed_output_tokens", *usage.billed_output_tokens);
  if (usage.cached) writer.member("cached", true);
  if (usage.estimated) writer.member("estimated", true);
  writer.end_object();
}

Result<Usage> read_usage(const Json& json) {
  Usage usage;
  Members members(json, "/usage");
  members.count("input_tokens", usage.input_tokens);
  members.count("output_tokens", usage.output_tokens);
  members.count("cached_input_tokens", usage.cached_input_tokens);
  members.count("cache_write_tokens", usage.cache_write_tokens);
  members.count("reasoning_tokens", usage.reasoning_tokens);
  members.count("billed_input_tokens", usage.billed_input_tokens);
  members.count("billed_output_tokens", usage.billed_output_tokens);
  members.flag("cached", usage.cached);
  members.flag("estimated", usage.estimated);
  if (members.error()) return *members.error();
  return usage;
}

void write_message(JsonWriter& writer, const Message& message) {
  writer.begin_object().member("id", std::string_view(message.id));
  write_text(writer, "turn", message.turn);
  write_text(writer, "speaker", message.speaker);
  if (message.from_human) writer.member("from_human", true);
  if (is_plain_text(message)) {
    writer.member("text", std::string_view(message.parts[0].text));
  } else if (!message.parts.empty()) {
    writer.key("parts").begin_array();
    for (const auto& part : message.parts) write_part(writer, part);
    writer.end_array();
  }
  write_text(writer, "replaces", message.replaces);
  if (message.pinned) writer.member("pinned", true);
  write_text(writer, "subject", message.subject);
  if (message.outcome != Outcome::complete) writer.member("outcome", to_string(message.outcome));
  if (message.finish_reason != FinishReason::stop)
    writer.member("finish_reason", to_string(message.finish_reason));
  write_text(writer, "provider", message.provider);
  write_text(writer, "model", message.model);
  if (message.usage != Usage{}) {
    writer.key("usage");
    write_usage(writer, message.usage);
  }
  if (message.cost != Money{}) writer.member("cost", message.cost.to_string());
  writer.end_object();
}

std::string message_to_json(const Message& message) {
  std::string out;
  JsonWriter writer(out);
  write_message(writer, message);
  return out;
}

Result<Message> read_message(const Json& json) {
  Message message;
  Members members(json, "");
  members.text("id", message.id);
  members.text("turn", message.turn);
  members.text("speaker", message.speaker);
  members.flag("from_human", message.from_human);
  read_parts(members, message);
  members.text("replaces", message.replaces);
  members.flag("pinned", message.pinned);
  members.text("subject", message.subject);
  read_call(members, message);
  if (members.error()) return *members.error();
  return message;
}

}  // namespace scena
