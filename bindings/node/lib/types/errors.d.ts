// Why calls fail.

/** Why a call failed; docs/reference/errors.md says what each code means. */
export type ErrorCode =
  | 'invalid_argument' | 'wrong_state' | 'unavailable' | 'not_found' | 'conflict' | 'already_exists'
  | 'unauthenticated' | 'permission_denied' | 'rate_limited' | 'quota_exhausted' | 'budget_exhausted' | 'timeout'
  | 'cancelled' | 'network' | 'protocol' | 'provider_error' | 'overloaded' | 'circuit_open' | 'context_overflow'
  | 'content_filtered' | 'too_large' | 'tool_failed' | 'limit_reached' | 'storage_full' | 'storage_failed'
  | 'storage_corrupt' | 'version_mismatch' | 'unsupported' | 'out_of_memory' | 'closed' | 'internal';

/** What calls throw and promises reject with: one of the classes below, by its code. */
export class ScenaError extends Error {
  protected constructor();
  /** What went wrong, for a program to act on. */
  readonly code: ErrorCode;
  /** JSON pointer of the member at fault; empty when there is none. */
  readonly pointer: string;
  /** How long to wait before a retry, where the other side said so. */
  readonly retryAfterMs: number | undefined;
  /** The HTTP status of the model service's answer; 0 when there is none. */
  readonly providerStatus: number;
  /** The model service's own words, without secrets; empty when it said nothing. */
  readonly providerMessage: string;
  /** How far a call of a model service came before it failed: where in the answer the failure lies. */
  readonly point: FailurePoint | '';
}

/** Where a model service's answer failed: by its status, as a whole, in an event, in the word for its end, or cut off. */
export type FailurePoint = 'status' | 'body' | 'stream' | 'finish' | 'cut';

/** An error as results have it: what is not known is left out. */
export interface Failure {
  code: ErrorCode;
  message: string;
  pointer?: string;
  retry_after_ms?: number;
  provider_status?: number;
  provider_message?: string;
  point?: FailurePoint;
}
export class InvalidArgumentError extends ScenaError { readonly code: 'invalid_argument'; }
export class WrongStateError extends ScenaError { readonly code: 'wrong_state'; }
export class UnavailableError extends ScenaError { readonly code: 'unavailable'; }
export class NotFoundError extends ScenaError { readonly code: 'not_found'; }
export class ConflictError extends ScenaError { readonly code: 'conflict'; }
export class AlreadyExistsError extends ScenaError { readonly code: 'already_exists'; }
export class UnauthenticatedError extends ScenaError { readonly code: 'unauthenticated'; }
export class PermissionDeniedError extends ScenaError { readonly code: 'permission_denied'; }
export class RateLimitedError extends ScenaError { readonly code: 'rate_limited'; }
export class QuotaExhaustedError extends ScenaError { readonly code: 'quota_exhausted'; }
export class BudgetExhaustedError extends ScenaError { readonly code: 'budget_exhausted'; }
export class TimeoutError extends ScenaError { readonly code: 'timeout'; }
export class CancelledError extends ScenaError { readonly code: 'cancelled'; }
export class NetworkError extends ScenaError { readonly code: 'network'; }
export class ProtocolError extends ScenaError { readonly code: 'protocol'; }
export class ProviderError extends ScenaError { readonly code: 'provider_error'; }
export class OverloadedError extends ScenaError { readonly code: 'overloaded'; }
export class CircuitOpenError extends ScenaError { readonly code: 'circuit_open'; }
export class ContextOverflowError extends ScenaError { readonly code: 'context_overflow'; }
export class ContentFilteredError extends ScenaError { readonly code: 'content_filtered'; }
export class TooLargeError extends ScenaError { readonly code: 'too_large'; }
export class ToolFailedError extends ScenaError { readonly code: 'tool_failed'; }
export class LimitReachedError extends ScenaError { readonly code: 'limit_reached'; }
export class StorageFullError extends ScenaError { readonly code: 'storage_full'; }
export class StorageFailedError extends ScenaError { readonly code: 'storage_failed'; }
export class StorageCorruptError extends ScenaError { readonly code: 'storage_corrupt'; }
export class VersionMismatchError extends ScenaError { readonly code: 'version_mismatch'; }
export class UnsupportedError extends ScenaError { readonly code: 'unsupported'; }
export class OutOfMemoryError extends ScenaError { readonly code: 'out_of_memory'; }
export class ClosedError extends ScenaError { readonly code: 'closed'; }
export class InternalError extends ScenaError { readonly code: 'internal'; }
