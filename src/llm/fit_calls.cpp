#include "llm/fit_calls.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"

namespace scena::llm {
namespace {

bool is_plain(char c) {
  return is_letter_or_digit(c) || c == '_' || c == '-';
}

bool is_fit(std::string_view id, const CallIdForm& form) {
  if (form.exactly > 0)
    return id.size() == form.exactly && std::all_of(id.begin(), id.end(), is_letter_or_digit);
  if (form.plain && !std::all_of(id.begin(), id.end(), is_plain)) return false;
  return !id.empty() && (form.most == 0 || id.size() <= form.most);
}

// What the call becomes as the nth one of its id, which others may have as well.
std::string nth_id(std::string_view id, std::size_t nth, const CallIdForm& form) {
  if (form.exactly > 0) {
    return sha256_hex(std::string(id) + '\n' + std::to_string(nth)).substr(0, form.exactly);
  }
  const std::string suffix = nth == 1 ? std::string() : "-" + std::to_string(nth);
  std::string made(form.most == 0 ? id : utf8_truncate(id, form.most - suffix.size()));
  if (form.plain) {
    std::replace_if(
        made.begin(), made.end(), [](char c) { return !is_plain(c); }, '_');
  }
  return made + suffix;
}

// "-2", "-2-3": what nth_id() and a session's tools add.
bool is_suffix(std::string_view text) {
  if (!text.starts_with('-') || text.ends_with('-')) return false;
  const auto fits = [](char c) { return (c >= '0' && c <= '9') || c == '-'; };
  return std::all_of(text.begin(), text.end(), fits);
}

std::string object_of(const ToolCall& call) {
  if (call.valid) {
    if (trim(call.arguments).empty()) return "{}";
    if (const auto read = parse_json(call.arguments); read && read->is_object())
      return call.arguments;
  }
  std::string object;
  JsonWriter(object).begin_object().member("unreadable", utf8_repair(call.arguments)).end_object();
  return object;
}

class CallIds {
 public:
  CallIds(const std::vector<PromptMessage>& messages, const CallIdForm& form) : form_(form) {
    for (const auto& message : messages) {
      for (const auto& call : message.tool_calls) {
        if (is_fit(call.id, form)) kept_.insert(call.id);
      }
    }
  }

  std::string of_call(std::size_t message, const std::string& id) {
    Calls& calls = calls_[id];
    if (calls.message != message || calls.ids.empty()) {
      calls.message = message;
      calls.ids.clear();
      calls.answered = 0;
    }
    calls.ids.push_back(is_fit(id, form_) && used_.insert(id).second ? id : made(id, calls));
    return calls.ids.back();
  }

  // Results that name one id answer its calls in their order. One that answers no call is the
  // service's to judge.
  std::string of_result(const std::string& id) {
    const auto found = calls_.find(id);
    if (found == calls_.end()) return is_fit(id, form_) ? id : nth_id(id, 1, form_);
    Calls& calls = found->second;
    return calls.ids[std::min(calls.answered++, calls.ids.size() - 1)];
  }

 private:
  // The calls of one id in the last message that has some.
  struct Calls {
    std::size_t message = 0;
    std::vector<std::string> ids;  // that they have now
    std::size_t answered = 0;
    std::size_t made = 0;  // of all messages
  };

  std::string made(const std::string& id, Calls& calls) {
    for (;;) {
      std::string next = nth_id(id, ++calls.made, form_);
      if (!kept_.contains(next) && used_.insert(next).second) return next;
    }
  }

  const CallIdForm& form_;
  std::set<std::string> kept_;  // fit as they are
  std::set<std::string> used_;
  std::map<std::string, Calls> calls_;
};

}  // namespace

std::vector<CallChange> fit_calls(const std::vector<PromptMessage>& messages,
                                  const CallIdForm& form) {
  std::vector<CallChange> changes;
  CallIds ids(messages, form);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const PromptMessage& message = messages[i];
    for (std::size_t k = 0; k < message.tool_calls.size(); ++k) {
      const ToolCall& call = message.tool_calls[k];
      CallChange change{i, k, ids.of_call(i, call.id), object_of(call)};
      if (change.id != call.id || change.arguments != call.arguments)
        changes.push_back(std::move(change));
    }
    if (message.role != PromptRole::tool) continue;
    if (std::string id = ids.of_result(message.tool_call_id); id != message.tool_call_id)
      changes.push_back({i, 0, std::move(id), {}});
  }
  return changes;
}

std::size_t call_named(const PromptMessage& message, std::string_view id) noexcept {
  const auto& calls = message.tool_calls;
  auto found = std::find_if(calls.begin(), calls.end(),
                            [id](const ToolCall& call) { return call.id == id; });
  if (found == calls.end()) {
    found = std::find_if(calls.begin(), calls.end(), [id](const ToolCall& call) {
      return call.id.starts_with(id) && is_suffix(std::string_view(call.id).substr(id.size()));
    });
  }
  return static_cast<std::size_t>(found - calls.begin());
}

void apply(std::vector<CallChange> changes, std::vector<PromptMessage>& messages) {
  for (auto& change : changes) {
    PromptMessage& message = messages[change.message];
    if (message.role == PromptRole::tool) {
      message.tool_call_id = std::move(change.id);
      continue;
    }
    ToolCall& call = message.tool_calls[change.call];
    call.id = std::move(change.id);
    call.arguments = std::move(change.arguments);
    call.valid = true;
  }
}

}  // namespace scena::llm
