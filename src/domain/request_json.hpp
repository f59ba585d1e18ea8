#pragma once

#include <scena/ext/provider.hpp>

#include "base/json_writer.hpp"

namespace scena {

/// The members that describe what is asked, in a fixed order; what is not set is left out. Neither
/// model nor context: who asks when changes no answer.
void write_request_members(JsonWriter& json, const ReplyRequest& request);

}  // namespace scena
