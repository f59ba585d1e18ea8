#pragma once

#include <cstddef>
#include <scena/ext/provider.hpp>
#include <string>
#include <string_view>

#include "base/json_writer.hpp"

namespace scena::llm::gemini {

/// The parts of a reply that carry a signature, which the service wants back on the same part.
///
/// As state: a list of {"at": bytes of text before the part, "part": {...}} for text and thoughts,
/// and of {"call": number of the call, "part": {...}} for calls of functions.
class ModelTurn {
 public:
  /// More are not kept: the service signs a part or two of a reply.
  static constexpr std::size_t kMaxParts = 256;

  /// `part` is the part's JSON. False: there are too many, or it is none that could go back.
  bool add_text(std::size_t at, std::string_view part) { return add("at", at, part); }
  bool add_call(std::size_t call, std::string_view part) { return add("call", call, part); }
  /// The state so far; empty: none.
  std::string state() const { return json_.empty() ? std::string() : "[" + json_ + "]"; }

 private:
  bool add(std::string_view place, std::size_t number, std::string_view part);

  std::string json_;
  std::size_t parts_ = 0;
};

/// Writes the parts of an assistant's message: those of its state where text and calls still are
/// what the model wrote, everything else from the message itself.
/// A signature whose text is another one now stays with the text next to it, which is never split.
void write_model_parts(JsonWriter& json, const PromptMessage& message);

/// The id under which write_model_parts() writes that call of the message; empty: without one.
std::string written_id(const PromptMessage& message, std::size_t call);

}  // namespace scena::llm::gemini
