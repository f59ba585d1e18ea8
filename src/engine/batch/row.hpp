#pragma once

#include <scena/batch_row.hpp>
#include <string_view>
#include <vector>

namespace scena::engine {

/// Adds what the messages from place `from` on tell: metrics, how many, and which models wrote them
/// unless the row has a name for that.
void add_messages(BatchRow& row, const std::vector<Message>& messages, std::size_t from);

/// Reads BatchRow::to_json().
Result<BatchRow> row_from_json(std::string_view line);

}  // namespace scena::engine
