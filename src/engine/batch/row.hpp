#pragma once

#include <chrono>
#include <scena/batch_row.hpp>
#include <string_view>
#include <vector>

namespace scena::engine {

/// Adds what the messages from place `from` on tell: metrics, how many, and which models wrote them
/// unless the row has a name for that.
void add_messages(BatchRow& row, const std::vector<Message>& messages, std::size_t from);

/// How long the talk took: until its last message, however long nobody ended the session then, and
/// whatever was told of it later.
std::chrono::milliseconds talk_time(WallTime began, const std::vector<Message>& messages);

/// Reads BatchRow::to_json().
Result<BatchRow> row_from_json(std::string_view line);

}  // namespace scena::engine
