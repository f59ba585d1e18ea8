"""What a host lends to an engine, for as long as it is open."""
from __future__ import annotations

from typing import Any, List

from ._errors import ClosedError


class Lent:
    """A host's object or function, as an engine has it until the host takes it back.

    The compiled half keeps what it is given, where Python's garbage collector cannot look: an object that refers to
    its engine would keep itself alive for ever. It is given this in its place.
    """

    def __init__(self, given: Any) -> None:
        self._given = [given]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._object(), name)

    def __call__(self, *members: Any) -> Any:
        return self._object()(*members)

    def is_here(self) -> bool:
        """False once it was taken back."""
        return bool(self._given)

    def take_back(self) -> None:
        """Lets go of it; who calls it from now on is told that the engine was closed."""
        self._given.clear()

    def _object(self) -> Any:
        for given in self._given:
            return given
        raise ClosedError("the engine was closed")


class Loans:
    """Everything that is lent to one engine."""

    def __init__(self) -> None:
        self._lent: List[Lent] = []

    def lend(self, given: Any) -> Any:
        """A :class:`Lent` in place of ``given``, to be taken back with all the others."""
        self._lent.append(Lent(given))
        return self._lent[-1]

    def take_back(self) -> None:
        """Lets go of everything."""
        for one in self._lent:
            one.take_back()
