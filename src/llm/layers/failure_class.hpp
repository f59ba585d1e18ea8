#pragma once

#include <scena/ext/provider.hpp>

namespace scena::llm {

/// Whether another service, model or key may be asked after that failure.
bool allows_fallback(const Error& error) noexcept;
/// Whether another key of the same service may be asked.
bool allows_other_key(const Error& error) noexcept;
/// Whether no service can be asked at all now: the host's configured answer may stand in.
bool is_outage(const Error& error) noexcept;

/// Whether the model, not the service, is at fault: the call that it wrote could not be read.
bool is_models_fault(const ReplyEnd& end) noexcept;

/// What the end of a call says of the service's health.
enum class Health { good, bad, unknown };
Health health_of(const ReplyEnd& end) noexcept;

}  // namespace scena::llm
