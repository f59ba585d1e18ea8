export { Engine } from './engine.js';
export {
  ScenaError,
  InvalidArgumentError, WrongStateError, UnavailableError, NotFoundError, ConflictError, AlreadyExistsError,
  UnauthenticatedError, PermissionDeniedError, RateLimitedError, QuotaExhaustedError, BudgetExhaustedError,
  TimeoutError, CancelledError, NetworkError, ProtocolError, ProviderError, OverloadedError, CircuitOpenError,
  ContextOverflowError, ContentFilteredError, TooLargeError, ToolFailedError, LimitReachedError, StorageFullError,
  StorageFailedError, StorageCorruptError, VersionMismatchError, UnsupportedError, OutOfMemoryError, ClosedError,
  InternalError
} from './errors.js';
export { GiveUp } from './extensions.js';
export { Session, Turn } from './session.js';
export { Meter, checkPreset, version } from './standalone.js';

/** Runs a plan. What runs it is loaded by the first call: importing stays quick. */
export async function runBatch(plan, options) {
  const batches = await import('./batch.js');
  return batches.runBatch(plan, options);
}
