#include <fmt/format.h>

#include <algorithm>

#include "base/base64.hpp"
#include "base/json.hpp"
#include "base/json_cursor.hpp"
#include "base/json_writer.hpp"
#include "llm/backends/anthropic/wire.hpp"
#include "llm/tool_parameters.hpp"

namespace scena::llm::anthropic {
namespace {

constexpr std::string_view kFirstMessage = "(The conversation begins.)";
constexpr std::int64_t kLeastBudget = 1024;

void append_paragraph(std::string& text, std::string_view more) {
  if (more.empty()) return;
  if (!text.empty()) text += "\n\n";
  text += more;
}

// Tokens to think with, of a model that takes a number.
std::int64_t budget_of(std::string_view effort) {
  if (effort == "minimal") return kLeastBudget;
  if (effort == "low") return 4096;
  if (effort == "medium") return 10'000;
  return effort == "high" ? 24'000 : 32'000;
}

// One message on the wire: neighbours of one role.
struct Turn {
  bool assistant = false;
  std::vector<const PromptMessage*> messages;
};

class Writer {
 public:
  Writer(const ReplyRequest& request, std::string_view model, const ModelRecord& record,
         std::string& body)
      : request_(request), model_(model), record_(record), json_(body) {
    arrange();
    decide_thinking();
  }

  Result<void> write() {
    json_.begin_object().member("model", model_).member("max_tokens", max_tokens_);
    write_system();
    json_.key("messages").begin_array();
    if (turns_.empty() || turns_.front().assistant) write_first();
    for (const Turn& turn : turns_) {
      if (auto fine = write_turn(turn); !fine) return fine;
    }
    json_.end_array().member("stream", request_.stream);
    write_settings();
    write_tools();
    json_.end_object();
    return {};
  }

 private:
  // System entries join the system prompt; a tool's result is the user's to tell.
  void arrange() {
    system_ = request_.system;
    for (const auto& message : request_.messages) {
      if (message.role == PromptRole::system) {
        append_paragraph(system_, message.text);
        continue;
      }
      const bool assistant = message.role == PromptRole::assistant;
      if (turns_.empty() || turns_.back().assistant != assistant) turns_.push_back({assistant, {}});
      turns_.back().messages.push_back(&message);
    }
  }

  bool forces_tool() const {
    return request_.tool_choice.kind == ToolChoice::Kind::required ||
           request_.tool_choice.kind == ToolChoice::Kind::named;
  }

  // The service takes a forced tool or thinking, not both, and counts thinking into max_tokens.
  void decide_thinking() {
    max_tokens_ = request_.max_tokens.value_or(kDefaultMaxTokens);
    const std::string& effort = request_.reasoning_effort;
    if (effort.empty() || effort == "none" || forces_tool()) return;
    adaptive_ = record_.thinking == "adaptive";
    if (record_.thinking != "budget") return;
    std::int64_t budget = budget_of(effort);
    if (record_.max_output > 0)
      budget = std::min(budget, std::max(kLeastBudget, record_.max_output - max_tokens_));
    budget_ = budget;
    max_tokens_ += budget;
  }

  void write_first() {
    json_.begin_object().member("role", "user").member("content", kFirstMessage).end_object();
  }

  void write_cache_mark() {
    json_.key("cache_control").begin_object().member("type", "ephemeral").end_object();
  }

  void write_system() {
    if (system_.empty()) return;
    if (!request_.cache_prompt) {
      json_.member("system", system_);
      return;
    }
    json_.key("system").begin_array().begin_object();
    json_.member("type", "text").member("text", system_);
    write_cache_mark();
    json_.end_object().end_array();
  }

  static bool is_plain(const PromptMessage& message) {
    return message.media.empty() && message.tool_calls.empty() && message.state.empty() &&
           message.role != PromptRole::tool;
  }

  Result<void> write_turn(const Turn& turn) {
    json_.begin_object().member("role", turn.assistant ? "assistant" : "user").key("content");
    if (std::all_of(turn.messages.begin(), turn.messages.end(),
                    [](const auto* message) { return is_plain(*message); })) {
      std::string text;
      for (const auto* message : turn.messages) append_paragraph(text, message->text);
      json_.value(text).end_object();
      return {};
    }
    json_.begin_array();
    // Results stand in front of whatever else the user says.
    for (const auto* message : turn.messages) {
      if (message->role == PromptRole::tool) write_result(*message);
    }
    for (const auto* message : turn.messages) {
      if (message->role == PromptRole::tool) continue;
      if (auto fine = write_blocks(*message); !fine) return fine;
    }
    json_.end_array().end_object();
    return {};
  }

  void write_result(const PromptMessage& message) {
    json_.begin_object().member("type", "tool_result");
    json_.member("tool_use_id", message.tool_call_id).member("content", message.text);
    if (message.tool_failed) json_.member("is_error", true);
    json_.end_object();
  }

  Result<void> write_blocks(const PromptMessage& message) {
    write_state(message);
    if (!message.text.empty())
      json_.begin_object().member("type", "text").member("text", message.text).end_object();
    for (const MediaPart& part : message.media) {
      if (auto fine = write_media(part); !fine) return fine;
    }
    for (const ToolCall& call : message.tool_calls) {
      json_.begin_object().member("type", "tool_use").member("id", call.id);
      json_.member("name", call.name);
      json_.key("input").raw(call.arguments).end_object();
    }
    return {};
  }

  // Reasoning goes back byte for byte: the service checks its signature. What another provider gave
  // is not for it.
  void write_state(const PromptMessage& message) {
    JsonCursor check(message.state);
    check.skip();
    if (message.state.empty() || !check.finish()) return;
    JsonCursor state(message.state);
    state.array([&] {
      JsonCursor block = state;
      std::string_view type;
      state.object([&](std::string_view name) {
        if (name == "type") type = state.text().raw;
      });
      if (type == "thinking" || type == "redacted_thinking") json_.raw(block.skip());
    });
  }

  Result<void> write_media(const MediaPart& part) {
    const bool text = part.kind == MediaPart::Kind::file && part.media_type.starts_with("text/");
    json_.begin_object();
    json_.member("type", part.kind == MediaPart::Kind::image ? "image" : "document");
    json_.key("source").begin_object();
    if (!part.url.empty()) {
      json_.member("type", "url").member("url", part.url);
    } else if (text) {
      json_.member("type", "text").member("media_type", "text/plain").member("data", part.bytes);
    } else {
      json_.member("type", "base64").member("media_type", part.media_type);
      json_.member("data", base64_encode(part.bytes));
    }
    json_.end_object();
    if (part.kind == MediaPart::Kind::file && !part.name.empty()) json_.member("title", part.name);
    json_.end_object();
    return {};
  }

  void write_settings() {
    // The service refuses a temperature beside thinking.
    const bool thinks = budget_ > 0 || adaptive_;
    if (request_.temperature && !thinks) json_.key("temperature").score(*request_.temperature);
    if (request_.top_p && !thinks && !request_.temperature)
      json_.key("top_p").score(*request_.top_p);
    if (!request_.stop.empty()) {
      json_.key("stop_sequences").begin_array();
      for (const auto& stop : request_.stop) json_.value(stop);
      json_.end_array();
    }
    if (budget_ > 0) {
      json_.key("thinking").begin_object().member("type", "enabled");
      json_.member("budget_tokens", budget_).end_object();
    }
    if (adaptive_) json_.key("thinking").begin_object().member("type", "adaptive").end_object();
    write_output_config();
  }

  void write_output_config() {
    if (!adaptive_ && request_.json_schema.empty()) return;
    json_.key("output_config").begin_object();
    if (adaptive_) {
      const bool least = request_.reasoning_effort == "minimal";
      json_.member("effort", least ? std::string("low") : request_.reasoning_effort);
    }
    if (!request_.json_schema.empty()) {
      json_.key("format").begin_object().member("type", "json_schema");
      json_.key("schema").raw(request_.json_schema).end_object();
    }
    json_.end_object();
  }

  void write_tools() {
    if (request_.tools.empty()) return;
    json_.key("tools").begin_array();
    for (const ToolSpec& tool : request_.tools) {
      json_.begin_object().member("name", tool.name);
      if (!tool.description.empty()) json_.member("description", tool.description);
      json_.key("input_schema").raw(tool_parameters(tool));
      if (tool.strict) json_.member("strict", true);
      if (request_.cache_prompt && &tool == &request_.tools.back()) write_cache_mark();
      json_.end_object();
    }
    json_.end_array();
    write_choice();
  }

  void write_choice() {
    const ToolChoice& choice = request_.tool_choice;
    const bool one_at_a_time = request_.parallel_tools == false;
    if (choice.kind == ToolChoice::Kind::automatic && !one_at_a_time) return;
    json_.key("tool_choice").begin_object();
    switch (choice.kind) {
      case ToolChoice::Kind::automatic:
        json_.member("type", "auto");
        break;
      case ToolChoice::Kind::none:
        json_.member("type", "none");
        break;
      case ToolChoice::Kind::required:
        json_.member("type", "any");
        break;
      case ToolChoice::Kind::named:
        json_.member("type", "tool").member("name", choice.name);
        break;
    }
    if (one_at_a_time && choice.kind != ToolChoice::Kind::none)
      json_.member("disable_parallel_tool_use", true);
    json_.end_object();
  }

  const ReplyRequest& request_;
  std::string_view model_;
  const ModelRecord& record_;
  std::string system_;
  std::vector<Turn> turns_;
  std::int64_t max_tokens_ = kDefaultMaxTokens;
  std::int64_t budget_ = 0;  // 0: no thinking by a budget
  bool adaptive_ = false;
  JsonWriter json_;
};

}  // namespace

Result<std::string> write_request(const ReplyRequest& request, std::string_view model,
                                  const ModelRecord& record) {
  if (model.empty()) {
    return Error::fixed(ErrorCode::invalid_argument,
                        "no model is named; set \"model\" or use \"anthropic:MODEL\"")
        .with_pointer("/model");
  }
  std::string body;
  if (auto fine = Writer(request, model, record, body).write(); !fine) return fine.error();
  return body;
}

}  // namespace scena::llm::anthropic
