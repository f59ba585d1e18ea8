#pragma once

#include <scena/config.hpp>
#include <string>
#include <vector>

namespace scena {

/// Notes the faults of one configured webhook: name, address, secret, events.
void check_webhook(const std::string& name, const WebhookConfig& webhook,
                   const std::string& pointer, std::vector<Fault>& faults);

}  // namespace scena
