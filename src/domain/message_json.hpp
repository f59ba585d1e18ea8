#pragma once

#include <scena/message.hpp>
#include <string>

#include "base/json.hpp"
#include "base/json_writer.hpp"

namespace scena {

/// Writes a message as it stands in the data of `message.stored`. Left out: members at their
/// default, `time`, `seq` and `audience` (the event has them), `metrics` and `superseded` (other
/// events say so).
void write_message(JsonWriter& writer, const Message& message);
std::string message_to_json(const Message& message);

/// Reads what write_message wrote; unknown members are ignored, since newer versions may add some.
Result<Message> read_message(const Json& json);

void write_usage(JsonWriter& writer, const Usage& usage);
/// The member "error" of an event or a stored result: code and message.
void write_error(JsonWriter& writer, const Error& error);
Result<Usage> read_usage(const Json& json);

}  // namespace scena
