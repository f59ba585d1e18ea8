#include <fmt/format.h>

#include <algorithm>

#include "base/base64.hpp"
#include "base/json.hpp"
#include "base/json_cursor.hpp"
#include "base/json_writer.hpp"
#include "base/sha256.hpp"
#include "llm/backends/openai/wire.hpp"
#include "llm/chat_tokens.hpp"
#include "llm/fit_calls.hpp"
#include "llm/tool_parameters.hpp"

namespace scena::llm::openai {
namespace {

// The service refuses names with other characters; a name it would refuse is left out.
std::string wire_name(std::string_view name) {
  std::string clean;
  for (char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '-';
    if (!plain && c != ' ') return {};
    clean += plain ? c : '_';
  }
  return clean.size() <= 64 ? clean : std::string{};
}

std::string audio_format(std::string_view media_type) {
  const std::string_view format = media_type.substr(media_type.find('/') + 1);
  if (format == "mpeg") return "mp3";
  return std::string(format.starts_with("x-") ? format.substr(2) : format);
}

// Text and everything around it, for one request.
class Writer {
 public:
  Writer(const ReplyRequest& request, std::string_view model, const ModelRecord& record,
         const Dialect& dialect, std::string& body)
      : request_(request),
        model_(model),
        dialect_(dialect),
        reasoning_(is_reasoning(record, dialect)),
        no_system_(std::find(record.refuses.begin(), record.refuses.end(), "system") !=
                   record.refuses.end()),
        json_(body) {}

  Result<void> write() {
    json_.begin_object();
    if (!model_.empty()) json_.member("model", model_);
    if (auto fine = write_messages(); !fine) return fine;
    json_.member("stream", request_.stream);
    if (request_.stream && dialect_.ask_usage) {
      json_.key("stream_options").begin_object().member("include_usage", true);
      if (dialect_.ask_no_padding) json_.member("include_obfuscation", false);
      json_.end_object();
    }
    write_sampling();
    write_format();
    write_effort();
    write_tools();
    write_cache_key();
    json_.end_object();
    return {};
  }

 private:
  std::string_view system_role() const {
    if (no_system_) return "user";
    return reasoning_ && dialect_.developer_role ? "developer" : "system";
  }

  // Where the service takes no schema, the prompt tells it.
  std::string system_text() const {
    if (request_.json_schema.empty() || dialect_.schema != Dialect::Schema::object)
      return request_.system;
    return request_.system + (request_.system.empty() ? "" : "\n\n") +
           "Answer with one JSON object that follows this JSON schema:\n" + request_.json_schema;
  }

  Result<void> write_messages() {
    json_.key("messages").begin_array();
    if (const std::string system = system_text(); !system.empty())
      json_.begin_object().member("role", system_role()).member("content", system).end_object();
    for (std::size_t i = 0; i < request_.messages.size(); ++i) {
      if (auto fine = write_message(i); !fine) return fine;
    }
    json_.end_array();
    return {};
  }

  std::string_view text_of(const PromptMessage& message) {
    return dialect_.break_chat_tokens ? without_chat_tokens(message.text, broken_) : message.text;
  }

  Result<void> write_message(std::size_t index) {
    const PromptMessage& message = request_.messages[index];
    const bool system = message.role == PromptRole::system;
    json_.begin_object().member("role", system ? system_role() : to_string(message.role));
    json_.key("content");
    if (!message.media.empty()) {
      if (auto fine = write_parts(message, index); !fine) return fine;
    } else if (message.text.empty() && !message.tool_calls.empty()) {
      json_.null();
    } else {
      json_.value(text_of(message));
    }
    const std::string name = wire_name(message.name);
    if (!name.empty() && message.role != PromptRole::tool && dialect_.speaker_names)
      json_.member("name", name);
    if (message.role == PromptRole::tool) json_.member("tool_call_id", message.tool_call_id);
    write_calls(message);
    write_state(message);
    json_.end_object();
    return {};
  }

  Result<void> write_parts(const PromptMessage& message, std::size_t index) {
    json_.begin_array();
    if (!message.text.empty())
      json_.begin_object().member("type", "text").member("text", text_of(message)).end_object();
    for (std::size_t i = 0; i < message.media.size(); ++i) {
      const MediaPart& part = message.media[i];
      if (part.kind != MediaPart::Kind::image && part.bytes.empty()) {
        return Error(ErrorCode::invalid_argument,
                     fmt::format("messages.{}.media.{}: the service takes sounds and files as "
                                 "bytes, not by url; set \"bytes\"",
                                 index, i))
            .with_pointer(fmt::format("/messages/{}/media/{}/url", index, i));
      }
      write_part(part);
    }
    json_.end_array();
    return {};
  }

  void write_part(const MediaPart& part) {
    const auto data_url = [&] {
      return fmt::format("data:{};base64,{}", part.media_type, base64_encode(part.bytes));
    };
    json_.begin_object();
    if (part.kind == MediaPart::Kind::image) {
      json_.member("type", "image_url").key("image_url").begin_object();
      json_.member("url", part.url.empty() ? data_url() : part.url).end_object();
    } else if (part.kind == MediaPart::Kind::audio) {
      json_.member("type", "input_audio").key("input_audio").begin_object();
      json_.member("data", base64_encode(part.bytes))
          .member("format", audio_format(part.media_type))
          .end_object();
    } else {
      json_.member("type", "file").key("file").begin_object();
      json_.member("filename", part.name.empty() ? std::string("file") : part.name)
          .member("file_data", data_url())
          .end_object();
    }
    json_.end_object();
  }

  void write_calls(const PromptMessage& message) {
    if (message.tool_calls.empty()) return;
    json_.key("tool_calls").begin_array();
    for (const ToolCall& call : message.tool_calls) {
      json_.begin_object().member("id", call.id).member("type", "function").key("function");
      json_.begin_object().member("name", call.name).member("arguments", call.arguments);
      json_.end_object();
      if (dialect_.echo == Dialect::Echo::calls) write_extra(message, call);
      json_.end_object();
    }
    json_.end_array();
  }

  // That member of a JSON object, raw; empty: there is none.
  static std::string_view member_of(std::string_view object, std::string_view wanted) {
    std::string_view found;
    JsonCursor cursor(object);
    cursor.object([&](std::string_view name) {
      if (name == wanted) found = cursor.skip();
    });
    return cursor.finish() ? found : std::string_view();
  }

  // What came beside a call goes back beside it.
  void write_extra(const PromptMessage& message, const ToolCall& call) {
    const std::string_view member = echo_member(dialect_.echo);
    std::string_view extra;
    JsonCursor all(member_of(message.state, member));
    all.object([&](std::string_view id) {
      const std::size_t named = call_named(message, id);
      if (named < message.tool_calls.size() && &message.tool_calls[named] == &call)
        extra = all.skip();
    });
    if (all.finish() && !extra.empty()) json_.key(member).raw(extra);
  }

  // Reasoning goes back where the service wants it with the calls that it led to.
  void write_state(const PromptMessage& message) {
    if (message.state.empty() || dialect_.echo == Dialect::Echo::none ||
        dialect_.echo == Dialect::Echo::calls)
      return;
    const std::string_view wanted = echo_member(dialect_.echo);
    const std::string_view found = member_of(message.state, wanted);
    if (!found.empty()) json_.key(wanted).raw(found);
  }

  void write_sampling() {
    if (request_.temperature) json_.key("temperature").score(*request_.temperature);
    if (request_.top_p) json_.key("top_p").score(*request_.top_p);
    if (request_.max_tokens)
      json_.member(reasoning_ ? "max_completion_tokens" : "max_tokens", *request_.max_tokens);
    if (!request_.stop.empty()) {
      json_.key("stop").begin_array();
      for (const auto& stop : request_.stop) json_.value(stop);
      json_.end_array();
    }
    if (request_.seed) json_.member(dialect_.seed_name, *request_.seed);
  }

  void write_format() {
    if (request_.json_schema.empty()) return;
    json_.key("response_format").begin_object();
    if (dialect_.schema == Dialect::Schema::object) {
      json_.member("type", "json_object").end_object();
      return;
    }
    json_.member("type", "json_schema").key("json_schema").begin_object();
    json_.member("name", "answer").key("schema").raw(request_.json_schema);
    json_.end_object().end_object();
  }

  void write_effort() {
    if (request_.reasoning_effort.empty()) return;
    if (dialect_.effort == Dialect::Effort::member)
      json_.member("reasoning_effort", request_.reasoning_effort);
    if (dialect_.effort == Dialect::Effort::object) {
      json_.key("reasoning").begin_object().member("effort", request_.reasoning_effort);
      json_.end_object();
    }
  }

  void write_tools() {
    if (request_.tools.empty()) return;
    json_.key("tools").begin_array();
    for (const ToolSpec& tool : request_.tools) {
      json_.begin_object().member("type", "function").key("function").begin_object();
      json_.member("name", tool.name);
      if (!tool.description.empty()) json_.member("description", tool.description);
      json_.key("parameters").raw(tool_parameters(tool));
      if (tool.strict && dialect_.strict_tools) json_.member("strict", true);
      json_.end_object().end_object();
    }
    json_.end_array();
    write_choice();
    if (request_.parallel_tools) json_.member("parallel_tool_calls", *request_.parallel_tools);
  }

  void write_choice() {
    switch (request_.tool_choice.kind) {
      case ToolChoice::Kind::automatic:
        break;
      case ToolChoice::Kind::none:
        json_.member("tool_choice", "none");
        break;
      case ToolChoice::Kind::required:
        json_.member("tool_choice", dialect_.required_word);
        break;
      case ToolChoice::Kind::named:
        json_.key("tool_choice").begin_object().member("type", "function").key("function");
        json_.begin_object().member("name", request_.tool_choice.name).end_object().end_object();
        break;
    }
  }

  // Requests that begin alike should meet the same cache: what they begin with names it.
  void write_cache_key() {
    if (!request_.cache_prompt || !dialect_.cache_key) return;
    std::string prefix = request_.context.tenant + '\n' + request_.system;
    for (const ToolSpec& tool : request_.tools) prefix += '\n' + tool.name + tool.parameters;
    json_.member("prompt_cache_key", sha256_hex(prefix).substr(0, 32));
  }

  const ReplyRequest& request_;
  std::string_view model_;
  const Dialect& dialect_;
  bool reasoning_;
  bool no_system_;
  std::string broken_;  // a text whose words of templates are
  JsonWriter json_;
};

// A little more than the texts need, so that the body seldom moves while it is written.
std::size_t room_for(const ReplyRequest& request) noexcept {
  std::size_t bytes = request.system.size();
  for (const auto& message : request.messages) bytes += message.text.size() + 64;
  return bytes + bytes / 8 + 512;
}

}  // namespace

bool is_reasoning(const ModelRecord& record, const Dialect& dialect) noexcept {
  if (dialect.family != Dialect::Family::automatic)
    return dialect.family == Dialect::Family::reasoning;
  // Of other vendors' reasoning models only what their record refuses is told apart.
  return record.reasoning && (record.family == "o-series" || record.family == "gpt-5");
}

std::string_view echo_member(Dialect::Echo echo) noexcept {
  switch (echo) {
    case Dialect::Echo::details:
      return "reasoning_details";
    case Dialect::Echo::calls:
      return "extra_content";
    case Dialect::Echo::none:
    case Dialect::Echo::text:
      break;
  }
  return "reasoning_content";
}

Result<std::string> write_request(const ReplyRequest& request, std::string_view model,
                                  const ModelRecord& record, const Dialect& dialect) {
  if (model.empty() && dialect.needs_model) {
    return Error::fixed(ErrorCode::invalid_argument,
                        "no model is named; set \"model\" or use \"openai:MODEL\"")
        .with_pointer("/model");
  }
  std::string body;
  body.reserve(room_for(request));
  if (auto fine = Writer(request, model, record, dialect, body).write(); !fine) return fine.error();
  return body;
}

}  // namespace scena::llm::openai
