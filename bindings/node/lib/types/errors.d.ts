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
  /** What went wrong, for a program to act on: the class of this code is what a call would have thrown. */
  code: ErrorCode;
  /** One line for people: what was wrong and what to do, never a key or the text of a message. */
  message: string;
  /** JSON pointer of the member at fault. */
  pointer?: string;
  /** Milliseconds to wait before a retry, as the other side asked. */
  retry_after_ms?: number;
  /** The HTTP status of the model service's answer; never 0. */
  provider_status?: number;
  /** The model service's own words, without secrets, at most 4 KiB; may hold line ends. */
  provider_message?: string;
  /** Where in the model service's answer the failure lies; absent: no answer began, or no service was asked. */
  point?: FailurePoint;
}

/**
 * This input can never succeed: an unknown option, a wrong type, a faulty preset or configuration. Change what the
 * message or `pointer` names.
 */
export class InvalidArgumentError extends ScenaError { readonly code: 'invalid_argument'; }
/**
 * A legal call at the wrong moment: the session is paused, completed or in error, or a function that the engine calls
 * made it. Try again when the state has changed, as by resume().
 */
export class WrongStateError extends ScenaError { readonly code: 'wrong_state'; }
/** The other side did not answer, something is held by another program, or `secrets` threw. Try again later. */
export class UnavailableError extends ScenaError { readonly code: 'unavailable'; }
/**
 * No such session, preset, message, job or model, or none that the principal of as() may know of. Trying again does not
 * help: look the id up.
 */
export class NotFoundError extends ScenaError { readonly code: 'not_found'; }
/**
 * Somebody else changed it first, another engine owns the file, or `commandId` was given to a command of another kind.
 * Read again, then decide.
 */
export class ConflictError extends ScenaError { readonly code: 'conflict'; }
/** The id or the file is taken: of a session, a participant who is present, a tool, a backup. Choose another one. */
export class AlreadyExistsError extends ScenaError { readonly code: 'already_exists'; }
/** The model service refused the key, or there is none. Give another one, in the configuration or by `secrets`. */
export class UnauthenticatedError extends ScenaError { readonly code: 'unauthenticated'; }
/**
 * Known, but not allowed to the principal of as(), or to the key at the model service. Ask as the host, or with another
 * key.
 */
export class PermissionDeniedError extends ScenaError { readonly code: 'permission_denied'; }
/** Too many calls, for the model service or a limit of the policy. Try again after `retryAfterMs`, where it is set. */
export class RateLimitedError extends ScenaError { readonly code: 'rate_limited'; }
/** The account at the model service has nothing left. Waiting does not help: pay there, or ask another service. */
export class QuotaExhaustedError extends ScenaError { readonly code: 'quota_exhausted'; }
/** A budget of this engine is used up, or the reply could overrun it. Raise it, or wait for its next day or month. */
export class BudgetExhaustedError extends ScenaError { readonly code: 'budget_exhausted'; }
/** A time limit passed; the message names which. What was waited for may still come: look before you try again. */
export class TimeoutError extends ScenaError { readonly code: 'timeout'; }
/**
 * Stopped before there was a result, as by cancel() before a message was stored. The caller asked for it: there is
 * nothing to do.
 */
export class CancelledError extends ScenaError { readonly code: 'cancelled'; }
/** Connecting, TLS or the connection itself failed; with `point` "cut" the answer had begun. Try again. */
export class NetworkError extends ScenaError { readonly code: 'network'; }
/** The other side sent what its protocol forbids, or a reply does not follow its `schema`. Another try may do. */
export class ProtocolError extends ScenaError { readonly code: 'protocol'; }
/**
 * The model service reported a failure of its own, in `providerStatus` and `providerMessage`; also what a provider in
 * JavaScript throws without a `code`. Try again.
 */
export class ProviderError extends ScenaError { readonly code: 'provider_error'; }
/** The model service has no capacity now, or too many commands of a session or jobs of a kind wait. Try again later. */
export class OverloadedError extends ScenaError { readonly code: 'overloaded'; }
/**
 * Not tried: the service failed too often lately. Try again after `retryAfterMs`; serviceHealth() tells how it does.
 */
export class CircuitOpenError extends ScenaError { readonly code: 'circuit_open'; }
/** The prompt is longer than the model's context. Send less, by `limits.history_tokens`, or take another model. */
export class ContextOverflowError extends ScenaError { readonly code: 'context_overflow'; }
/** A filter blocked the text, the host's own or the service's. Change the text: the same one is blocked again. */
export class ContentFilteredError extends ScenaError { readonly code: 'content_filtered'; }
/** Over a size limit; the message names the setting. Send less, or raise it. */
export class TooLargeError extends ScenaError { readonly code: 'too_large'; }
/** A tool reported a failure. Not thrown by this version: the model is told instead, and the reply goes on. */
export class ToolFailedError extends ScenaError { readonly code: 'tool_failed'; }
/**
 * A limit of the session or the engine was reached, such as sessions in memory or a turn's rounds of tools. Raise it,
 * or let something end first.
 */
export class LimitReachedError extends ScenaError { readonly code: 'limit_reached'; }
/** The disk has no space; nothing that was acknowledged is lost. Make room, then do it again. */
export class StorageFullError extends ScenaError { readonly code: 'storage_full'; }
/** Reading or writing the store failed. It may pass; where it does not, look at the disk and the file's rights. */
export class StorageFailedError extends ScenaError { readonly code: 'storage_failed'; }
/** The store's content is damaged, and was left untouched. Restore a backup. */
export class StorageCorruptError extends ScenaError { readonly code: 'storage_corrupt'; }
/** A store, an export or a tape was written by a newer version. Update this one. */
export class VersionMismatchError extends ScenaError { readonly code: 'version_mismatch'; }
/** Not offered by this build, store or model service, or the library found is too old for it. Take another one. */
export class UnsupportedError extends ScenaError { readonly code: 'unsupported'; }
/** An allocation failed; what it was for is as before. Free some memory, then try again. */
export class OutOfMemoryError extends ScenaError { readonly code: 'out_of_memory'; }
/** The engine was closed, and every call of it and its sessions fails so. What is stored another engine opens. */
export class ClosedError extends ScenaError { readonly code: 'closed'; }
/** A defect in scena: please report it with its message. Trying again does not help. */
export class InternalError extends ScenaError { readonly code: 'internal'; }
