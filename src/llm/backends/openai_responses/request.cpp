#include <fmt/format.h>

#include <algorithm>

#include "base/base64.hpp"
#include "base/json_cursor.hpp"
#include "base/json_writer.hpp"
#include "base/sha256.hpp"
#include "llm/backends/openai_responses/wire.hpp"
#include "llm/chat_tokens.hpp"
#include "llm/fit_calls.hpp"
#include "llm/text_joiner.hpp"
#include "llm/tool_parameters.hpp"

namespace scena::llm::openai_responses {
namespace {

class Writer {
 public:
  Writer(const ReplyRequest& request, std::string_view model, const ModelRecord& record,
         const openai::Dialect& dialect, std::string& body)
      : request_(request),
        model_(model),
        dialect_(dialect),
        reasoning_(openai::is_reasoning(record, dialect)),
        json_(body) {}

  void write() {
    json_.begin_object();
    if (!model_.empty()) json_.member("model", model_);
    if (!request_.system.empty()) json_.member("instructions", request_.system);
    json_.key("input").begin_array();
    for (const auto& message : request_.messages) write_message(message);
    json_.end_array().member("stream", request_.stream).member("store", false);
    if (request_.stream && dialect_.ask_no_padding) {
      json_.key("stream_options").begin_object().member("include_obfuscation", false);
      json_.end_object();
    }
    write_settings();
    write_tools();
    json_.end_object();
  }

 private:
  std::string_view text_of(const PromptMessage& message) {
    return dialect_.break_chat_tokens ? without_chat_tokens(message.text, broken_) : message.text;
  }

  void write_message(const PromptMessage& message) {
    switch (message.role) {
      case PromptRole::system:
        json_.begin_object().member("role", reasoning_ ? "developer" : "system");
        json_.member("content", text_of(message)).end_object();
        break;
      case PromptRole::user:
        write_user(message);
        break;
      case PromptRole::assistant:
        write_assistant(message);
        break;
      case PromptRole::tool:
        json_.begin_object().member("type", "function_call_output");
        json_.member("call_id", message.tool_call_id)
            .member("output", text_of(message))
            .end_object();
        break;
    }
  }

  void write_user(const PromptMessage& message) {
    json_.begin_object().member("role", "user").key("content");
    if (message.media.empty()) {
      json_.value(text_of(message)).end_object();
      return;
    }
    json_.begin_array();
    if (!message.text.empty())
      json_.begin_object()
          .member("type", "input_text")
          .member("text", text_of(message))
          .end_object();
    for (const MediaPart& part : message.media) write_part(part);
    json_.end_array().end_object();
  }

  void write_part(const MediaPart& part) {
    const auto data_url = [&] {
      return fmt::format("data:{};base64,{}", part.media_type, base64_encode(part.bytes));
    };
    json_.begin_object();
    if (part.kind == MediaPart::Kind::image) {
      json_.member("type", "input_image");
      json_.member("image_url", part.url.empty() ? data_url() : part.url);
    } else {
      json_.member("type", "input_file");
      if (part.url.empty()) {
        json_.member("filename", part.name.empty() ? std::string("file") : part.name);
        json_.member("file_data", data_url());
      } else {
        json_.member("file_url", part.url);
      }
    }
    json_.end_object();
  }

  // The order of reasoning, text and calls is that of the answer; what the state does not tell
  // follows: text, then calls.
  void write_assistant(const PromptMessage& message) {
    bool text_written = message.text.empty();
    std::vector<bool> call_written(message.tool_calls.size(), false);
    const auto write_text = [&] {
      if (text_written) return;
      text_written = true;
      json_.begin_object()
          .member("role", "assistant")
          .member("content", text_of(message))
          .end_object();
    };
    const auto write_call = [&](std::size_t at) {
      if (at == call_written.size() || call_written[at]) return;
      call_written[at] = true;
      const ToolCall& call = message.tool_calls[at];
      json_.begin_object().member("type", "function_call").member("call_id", call.id);
      json_.member("name", call.name).member("arguments", call.arguments).end_object();
    };
    JsonCursor check(message.state);
    check.skip();
    if (!message.state.empty() && check.finish()) {
      JsonCursor state(message.state);
      state.array([&] {
        JsonCursor item = state;
        std::string_view type;
        std::string call_id;
        state.object([&](std::string_view name) {
          if (name == "type") type = state.text().raw;
          if (name == "call_id") call_id = unescaped(state.text());
        });
        if (type == "reasoning") json_.raw(item.skip());
        if (type == "message") write_text();
        if (type == "function_call") write_call(call_named(message, call_id));
      });
    }
    write_text();
    for (std::size_t i = 0; i < message.tool_calls.size(); ++i) write_call(i);
  }

  void write_settings() {
    if (reasoning_) {
      json_.key("include").begin_array().value("reasoning.encrypted_content").end_array();
    }
    if (request_.temperature) json_.key("temperature").score(*request_.temperature);
    if (request_.top_p) json_.key("top_p").score(*request_.top_p);
    if (request_.max_tokens) json_.member("max_output_tokens", *request_.max_tokens);
    if (!request_.json_schema.empty()) {
      json_.key("text").begin_object().key("format").begin_object().member("type", "json_schema");
      json_.member("name", "answer").key("schema").raw(request_.json_schema);
      json_.end_object().end_object();
    }
    if (!request_.reasoning_effort.empty()) {
      json_.key("reasoning").begin_object().member("effort", request_.reasoning_effort);
      json_.end_object();
    }
    if (request_.cache_prompt && dialect_.cache_key) {
      std::string prefix = request_.context.tenant + '\n' + request_.system;
      for (const ToolSpec& tool : request_.tools) prefix += '\n' + tool.name + tool.parameters;
      json_.member("prompt_cache_key", sha256_hex(prefix).substr(0, 32));
    }
  }

  void write_tools() {
    if (request_.tools.empty()) return;
    json_.key("tools").begin_array();
    for (const ToolSpec& tool : request_.tools) {
      json_.begin_object().member("type", "function").member("name", tool.name);
      if (!tool.description.empty()) json_.member("description", tool.description);
      json_.key("parameters").raw(tool_parameters(tool));
      // The service's own default is true.
      json_.member("strict", tool.strict).end_object();
    }
    json_.end_array();
    const ToolChoice& choice = request_.tool_choice;
    if (choice.kind == ToolChoice::Kind::none) json_.member("tool_choice", "none");
    if (choice.kind == ToolChoice::Kind::required) json_.member("tool_choice", "required");
    if (choice.kind == ToolChoice::Kind::named) {
      json_.key("tool_choice").begin_object().member("type", "function");
      json_.member("name", choice.name).end_object();
    }
    if (request_.parallel_tools) json_.member("parallel_tool_calls", *request_.parallel_tools);
  }

  const ReplyRequest& request_;
  std::string_view model_;
  const openai::Dialect& dialect_;
  bool reasoning_;
  std::string broken_;  // a text whose words of templates are
  JsonWriter json_;
};

}  // namespace

Result<std::string> write_request(const ReplyRequest& request, std::string_view model,
                                  const ModelRecord& record, const openai::Dialect& dialect) {
  if (model.empty() && dialect.needs_model) {
    return Error::fixed(ErrorCode::invalid_argument,
                        "no model is named; set \"model\" or use \"openai_responses:MODEL\"")
        .with_pointer("/model");
  }
  std::string body;
  Writer(request, model, record, dialect, body).write();
  return body;
}

}  // namespace scena::llm::openai_responses
