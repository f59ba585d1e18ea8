"""The exceptions of scena: one class for each error code, all of them :class:`Error`."""
from __future__ import annotations

import builtins
from enum import IntEnum
from typing import Dict, Optional, Type


class ErrorCode(IntEnum):
    """What went wrong, in terms a caller can act on: the same numbers in every language."""

    OK = 0
    INVALID_ARGUMENT = 1
    WRONG_STATE = 2
    UNAVAILABLE = 3
    NOT_FOUND = 4
    CONFLICT = 5
    ALREADY_EXISTS = 6
    UNAUTHENTICATED = 7
    PERMISSION_DENIED = 8
    RATE_LIMITED = 9
    QUOTA_EXHAUSTED = 10
    BUDGET_EXHAUSTED = 11
    TIMEOUT = 12
    CANCELLED = 13
    NETWORK = 14
    PROTOCOL = 15
    PROVIDER_ERROR = 16
    OVERLOADED = 17
    CIRCUIT_OPEN = 18
    CONTEXT_OVERFLOW = 19
    CONTENT_FILTERED = 20
    TOO_LARGE = 21
    TOOL_FAILED = 22
    LIMIT_REACHED = 23
    STORAGE_FULL = 24
    STORAGE_FAILED = 25
    STORAGE_CORRUPT = 26
    VERSION_MISMATCH = 27
    UNSUPPORTED = 28
    OUT_OF_MEMORY = 29
    CLOSED = 30
    INTERNAL = 31


class Error(Exception):
    """One failure. The text never holds a secret or a message's text.

    Attributes
    ----------
    code
        The :class:`ErrorCode`.
    retry_after
        Seconds to wait before a retry, where the other side said so; else None.
    pointer
        JSON pointer of the member at fault, e.g. ``"/limits/history"``; may be empty.
    provider_status
        HTTP status of the model service's answer, or 0.
    provider_message
        The service's own words, without secrets; may be empty.
    point
        Where in the service's answer the failure lies: ``"status"``, ``"body"``, ``"stream"``,
        ``"finish"``, ``"cut"``, or empty.

    Examples
    --------
    >>> import scena
    >>> try:
    ...     scena.Engine(threads=-1)
    ... except scena.InvalidArgumentError as error:
    ...     print(error.code.name, error.pointer)
    INVALID_ARGUMENT /threads
    """

    code: ErrorCode = ErrorCode.INTERNAL

    def __init__(
        self,
        message: str = "",
        *,
        pointer: str = "",
        provider_message: str = "",
        provider_status: int = 0,
        point: str = "",
        retry_after: Optional[float] = None,
    ) -> None:
        super().__init__(message)
        self.pointer = pointer
        self.provider_message = provider_message
        self.provider_status = provider_status
        self.point = point
        self.retry_after = retry_after

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Error) and type(self) is type(other) and self.args == other.args and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((type(self), self.args))


class InvalidArgumentError(Error, ValueError):
    """This input can never succeed; ``pointer`` names the member at fault."""

    code = ErrorCode.INVALID_ARGUMENT


class WrongStateError(Error):
    """A legal call at the wrong moment, e.g. while the session is paused or inside a callback."""

    code = ErrorCode.WRONG_STATE


class UnavailableError(Error):
    """The other side did not answer; later may work."""

    code = ErrorCode.UNAVAILABLE


class NotFoundError(Error, LookupError):
    """No such session, preset, message or model."""

    code = ErrorCode.NOT_FOUND


class ConflictError(Error):
    """Somebody else changed it first."""

    code = ErrorCode.CONFLICT


class AlreadyExistsError(Error):
    """The id is taken."""

    code = ErrorCode.ALREADY_EXISTS


class UnauthenticatedError(Error):
    """The key or token was refused, or there is none."""

    code = ErrorCode.UNAUTHENTICATED


class PermissionDeniedError(Error):
    """Known, but not allowed."""

    code = ErrorCode.PERMISSION_DENIED


class RateLimitedError(Error):
    """Too many calls; see ``retry_after``."""

    code = ErrorCode.RATE_LIMITED


class QuotaExhaustedError(Error):
    """The account at the service has no quota left; waiting does not help."""

    code = ErrorCode.QUOTA_EXHAUSTED


class BudgetExhaustedError(Error):
    """A budget of this engine is used up."""

    code = ErrorCode.BUDGET_EXHAUSTED


class TimeoutError(Error, builtins.TimeoutError):
    """A time limit passed; the message names which."""

    code = ErrorCode.TIMEOUT


class CancelledError(Error):
    """The caller asked to stop."""

    code = ErrorCode.CANCELLED


class NetworkError(Error):
    """Connecting, TLS or the connection itself failed."""

    code = ErrorCode.NETWORK


class ProtocolError(Error):
    """The other side sent what its protocol forbids."""

    code = ErrorCode.PROTOCOL


class ProviderError(Error):
    """The model service reported a failure of its own."""

    code = ErrorCode.PROVIDER_ERROR


class OverloadedError(Error):
    """The service has no capacity now, or too many commands of a session wait."""

    code = ErrorCode.OVERLOADED


class CircuitOpenError(Error):
    """Not tried: the service failed too often lately."""

    code = ErrorCode.CIRCUIT_OPEN


class ContextOverflowError(Error):
    """The prompt is longer than the model's context."""

    code = ErrorCode.CONTEXT_OVERFLOW


class ContentFilteredError(Error):
    """A filter blocked the text."""

    code = ErrorCode.CONTENT_FILTERED


class TooLargeError(Error):
    """Over a size limit; the message names the setting."""

    code = ErrorCode.TOO_LARGE


class ToolFailedError(Error):
    """A tool reported a failure."""

    code = ErrorCode.TOOL_FAILED


class LimitReachedError(Error):
    """A limit of the session or engine was reached."""

    code = ErrorCode.LIMIT_REACHED


class StorageFullError(Error):
    """The disk has no space; nothing acknowledged was lost."""

    code = ErrorCode.STORAGE_FULL


class StorageFailedError(Error):
    """Reading or writing the store failed."""

    code = ErrorCode.STORAGE_FAILED


class StorageCorruptError(Error):
    """The store's content is damaged; it was left untouched."""

    code = ErrorCode.STORAGE_CORRUPT


class VersionMismatchError(Error):
    """Written by a newer version."""

    code = ErrorCode.VERSION_MISMATCH


class UnsupportedError(Error):
    """Not offered by this build or backend."""

    code = ErrorCode.UNSUPPORTED


class OutOfMemoryError(Error):
    """An allocation failed."""

    code = ErrorCode.OUT_OF_MEMORY


class ClosedError(Error):
    """The engine or handle is closed."""

    code = ErrorCode.CLOSED


class InternalError(Error):
    """A defect in scena; please report it."""

    code = ErrorCode.INTERNAL


_BY_CODE: Dict[int, Type[Error]] = {kind.code: kind for kind in Error.__subclasses__()}


def from_engine(
    code: int, message: str, pointer: str, provider_message: str, provider_status: int, point: str, retry_after: Optional[float]
) -> Error:
    """The exception for an error that the engine reports."""
    return _BY_CODE.get(code, InternalError)(
        message,
        pointer=pointer,
        provider_message=provider_message,
        provider_status=provider_status,
        point=point,
        retry_after=retry_after,
    )
