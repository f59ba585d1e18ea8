const codes = ['ok', 'invalid_argument', 'wrong_state', 'unavailable', 'not_found', 'conflict', 'already_exists',
  'unauthenticated', 'permission_denied', 'rate_limited', 'quota_exhausted', 'budget_exhausted', 'timeout', 'cancelled',
  'network', 'protocol', 'provider_error', 'overloaded', 'circuit_open', 'context_overflow', 'content_filtered',
  'too_large', 'tool_failed', 'limit_reached', 'storage_full', 'storage_failed', 'storage_corrupt',
  'version_mismatch', 'unsupported', 'out_of_memory', 'closed', 'internal'];

/** The number that the C ABI has for a code; that of provider_error for other words. */
export function numberOf(code) {
  const number = codes.indexOf(code);
  return number > 0 ? number : codes.indexOf('provider_error');
}

export class ScenaError extends Error {
  constructor(number, message, pointer, retryAfterMs) {
    super(message);
    this.name = 'ScenaError';
    this.code = codes[number] ?? 'internal';
    this.pointer = pointer;
    this.retryAfterMs = retryAfterMs;
  }
}
