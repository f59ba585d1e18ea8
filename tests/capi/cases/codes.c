#include "codes.h"

#include <string.h>

static const char* const codes[] = {"ok",
                                    "invalid_argument",
                                    "wrong_state",
                                    "unavailable",
                                    "not_found",
                                    "conflict",
                                    "already_exists",
                                    "unauthenticated",
                                    "permission_denied",
                                    "rate_limited",
                                    "quota_exhausted",
                                    "budget_exhausted",
                                    "timeout",
                                    "cancelled",
                                    "network",
                                    "protocol",
                                    "provider_error",
                                    "overloaded",
                                    "circuit_open",
                                    "context_overflow",
                                    "content_filtered",
                                    "too_large",
                                    "tool_failed",
                                    "limit_reached",
                                    "storage_full",
                                    "storage_failed",
                                    "storage_corrupt",
                                    "version_mismatch",
                                    "unsupported",
                                    "out_of_memory",
                                    "closed",
                                    "internal"};

const char* code_name(scena_status code) {
  return codes[code];
}

scena_status code_of(const char* name) {
  scena_status code = SCENA_INTERNAL;
  while (code > 0 && strcmp(codes[code], name) != 0) --code;
  return code;
}
