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

/** What every call fails with: one of the classes below, by its code. */
export class ScenaError extends Error {
  constructor(number, message, { pointer = '', retryAfterMs, providerStatus = 0, providerMessage = '', point = '' }) {
    super(message);
    this.name = new.target.name;
    this.code = codes[number] ?? 'internal';
    this.pointer = pointer;
    this.retryAfterMs = retryAfterMs;
    this.providerStatus = providerStatus;
    this.providerMessage = providerMessage;
    this.point = point;
  }
}

export class InvalidArgumentError extends ScenaError {}
export class WrongStateError extends ScenaError {}
export class UnavailableError extends ScenaError {}
export class NotFoundError extends ScenaError {}
export class ConflictError extends ScenaError {}
export class AlreadyExistsError extends ScenaError {}
export class UnauthenticatedError extends ScenaError {}
export class PermissionDeniedError extends ScenaError {}
export class RateLimitedError extends ScenaError {}
export class QuotaExhaustedError extends ScenaError {}
export class BudgetExhaustedError extends ScenaError {}
export class TimeoutError extends ScenaError {}
export class CancelledError extends ScenaError {}
export class NetworkError extends ScenaError {}
export class ProtocolError extends ScenaError {}
export class ProviderError extends ScenaError {}
export class OverloadedError extends ScenaError {}
export class CircuitOpenError extends ScenaError {}
export class ContextOverflowError extends ScenaError {}
export class ContentFilteredError extends ScenaError {}
export class TooLargeError extends ScenaError {}
export class ToolFailedError extends ScenaError {}
export class LimitReachedError extends ScenaError {}
export class StorageFullError extends ScenaError {}
export class StorageFailedError extends ScenaError {}
export class StorageCorruptError extends ScenaError {}
export class VersionMismatchError extends ScenaError {}
export class UnsupportedError extends ScenaError {}
export class OutOfMemoryError extends ScenaError {}
export class ClosedError extends ScenaError {}
export class InternalError extends ScenaError {}

// In the order of the codes.
const classes = [ScenaError,
  InvalidArgumentError, WrongStateError, UnavailableError, NotFoundError, ConflictError, AlreadyExistsError,
  UnauthenticatedError, PermissionDeniedError, RateLimitedError, QuotaExhaustedError, BudgetExhaustedError,
  TimeoutError, CancelledError, NetworkError, ProtocolError, ProviderError, OverloadedError, CircuitOpenError,
  ContextOverflowError, ContentFilteredError, TooLargeError, ToolFailedError, LimitReachedError, StorageFullError,
  StorageFailedError, StorageCorruptError, VersionMismatchError, UnsupportedError, OutOfMemoryError, ClosedError,
  InternalError];

/** The error of a code's number, and what else is known of it. */
export function errorOf(number, message, more = {}) {
  return new (classes[number] ?? InternalError)(number, message, more);
}

/** The error that a result tells of. */
export function errorIn({ code, message, pointer, retry_after_ms, provider_status, provider_message, point }) {
  const more = { pointer, retryAfterMs: retry_after_ms, providerStatus: provider_status, providerMessage: provider_message, point };
  return errorOf(numberOf(code), message, more);
}

/** The error of an argument that can never be right. */
export function refused(message, pointer) {
  return errorOf(numberOf('invalid_argument'), message, { pointer });
}
