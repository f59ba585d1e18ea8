#include "base/config_webhook.hpp"

#include "base/config_tool.hpp"
#include "base/event_pattern.hpp"
#include "base/url.hpp"

namespace scena {

void check_webhook(const std::string& name, const WebhookConfig& webhook,
                   const std::string& pointer, std::vector<Fault>& faults) {
  if (!is_tool_name(name))
    faults.push_back({pointer, "a name has 1 to 64 letters, digits, \"_\" and \"-\"", "\"audit\""});
  std::string refused;
  if (const auto parsed = TrustedUrl::parse("url", webhook.url); !parsed) {
    refused = parsed.error().what();
  } else if (webhook.public_only) {
    if (const auto judged = judge_url(webhook.url); !judged) refused = judged.error().what();
  }
  if (!refused.empty())
    faults.push_back({pointer + "/url", refused, "\"https://example.com/hook\""});
  if (webhook.secret.empty()) {
    faults.push_back({pointer + "/secret",
                      "names the signing key in the secret source; without one nobody could tell "
                      "whose events they are",
                      "\"AUDIT_WEBHOOK_SECRET\""});
  }
  for (std::size_t i = 0; i < webhook.events.size(); ++i) {
    if (is_event_pattern(webhook.events[i])) continue;
    faults.push_back({pointer + "/events/" + std::to_string(i),
                      "must be an event type, or its beginning and \"*\"", "\"message.*\""});
  }
}

}  // namespace scena
