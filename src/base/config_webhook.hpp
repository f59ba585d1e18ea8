#pragma once

#include <scena/config.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace scena {

/// True for an event type, or its beginning and "*": "turn.finished", "message.*".
bool is_event_pattern(std::string_view text) noexcept;

/// Notes the faults of one configured webhook: name, address, secret, events.
void check_webhook(const std::string& name, const WebhookConfig& webhook,
                   const std::string& pointer, std::vector<Fault>& faults);

}  // namespace scena
