#pragma once

#include <cstdint>
#include <optional>
#include <scena/ext/provider.hpp>
#include <string_view>
#include <vector>

#include "base/json_cursor.hpp"

namespace scena::llm::openai_responses {

/// What one event said.
struct ResponseEvent {
  std::string_view type, document, error, item, item_id, part, response, annotation, counter,
      padding;
  std::int64_t output_index = 0, content_index = 0, summary_index = 0;
  bool placed = false;  ///< It has an output_index.
  JsonText delta, text, arguments, refusal;
};

/// What an item of the output says.
struct Item {
  std::string_view type, raw, summary, content, encrypted;
  JsonText call_id, id, name, arguments, text;
};

/// What a response says.
struct Whole {
  std::string_view id, model, status, reason, error;
  JsonText text;  ///< Of all its messages: some servers send no others.
  UsageUpdate usage;
  std::vector<std::string_view> output;
  bool has_output = false;
};

/// False: it is no JSON object. Views are parts of `data`, here and below.
bool read_event(std::string_view data, ResponseEvent& event);
/// An entry of `output`, also where an event is about it alone.
Item read_item(std::string_view raw);
/// A response: the whole answer, or what the first and the last events hold. Empty: nothing of it.
Whole read_response(std::string_view raw);
/// Nothing where it names no source.
std::optional<Citation> read_annotation(std::string_view raw);

}  // namespace scena::llm::openai_responses
