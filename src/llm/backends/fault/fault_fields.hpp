#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <scena/ext/provider.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "llm/backends/fault/fault_wire.hpp"

namespace scena::fault {

// Members of a request's body, each checked as the services do it. They return the refusal.

std::optional<WireError> refuse(std::string param, std::string message);

/// Refuses the first member that is not in `known`.
template <std::size_t N>
std::optional<WireError> check_members(const Json& body,
                                       const std::array<std::string_view, N>& known) {
  for (const auto& [name, value] : body.items()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return refuse(name, "Unrecognized request argument: " + name);
    }
  }
  return std::nullopt;
}

/// Text of a string or of an array of parts; nothing when it is neither.
std::optional<std::string> text_of(const Json& content);

std::optional<WireError> take_number(const Json& body, const char* name, double least, double most);
std::optional<WireError> take_count(const Json& body, const char* name,
                                    std::optional<std::int64_t>& count);
std::optional<WireError> take_bool(const Json& body, const char* name, bool& flag);
std::optional<WireError> take_stop(const Json& body, const char* name, std::size_t most,
                                   std::vector<std::string>& stop);
std::optional<WireError> take_model(const Json& body, ReplyRequest& request);

/// One message; `at` is its place, for the refusal.
using TakeMessage = std::optional<WireError> (*)(const Json& message, const std::string& at,
                                                 ReplyRequest& request);
/// Of chat completions and those like it.
std::optional<WireError> take_chat_message(const Json& message, const std::string& at,
                                           ReplyRequest& request);
/// Whose content is a string.
std::optional<WireError> take_plain_message(const Json& message, const std::string& at,
                                            ReplyRequest& request);
/// `dotted`: places are "messages.0" instead of "messages[0]".
std::optional<WireError> take_messages(const Json& body, TakeMessage take, ReplyRequest& request,
                                       bool dotted = false);

}  // namespace scena::fault
