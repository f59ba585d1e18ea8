"""What a host gives: options, times, names and JSON, looked at before they go to the extension."""
from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from operator import index
from os import fspath
from os.path import isfile
from typing import TYPE_CHECKING, Any, Dict, Iterable, List, Mapping, Optional, Union, cast

from ._errors import InvalidArgumentError

if TYPE_CHECKING:
    from os import PathLike


def json_of(value: Any) -> str:
    """JSON for the engine: a str or bytes as it is, anything else written out."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8")
    return json.dumps(value, default=_plain)


def read_text(given: "Union[str, PathLike[str]]", name: str) -> str:
    """JSON text as it is, or out of a file; ``name`` stands in the error that refuses what is neither, also a file's name as text."""
    if isinstance(given, str):
        if not given.lstrip().startswith("{") and (given.lower().endswith(".json") or _is_file(given)):
            raise InvalidArgumentError(f"{name}: is no JSON but the name of a file; give pathlib.Path({given!r})")
        return given
    if not hasattr(given, "__fspath__"):  # open() would take a number, of a file that is not ours, and close it
        raise InvalidArgumentError(f"{name}: must be a dict, JSON text or a pathlib.Path, not {type(given).__name__}")
    with open(given, encoding="utf-8") as file:
        return file.read()


def _is_file(name: str) -> bool:
    try:
        return isfile(name)
    except ValueError:  # no name at all
        return False


def result_text(given: Any) -> str:
    """What a host's function returned, as a text: a str as it is, anything else as JSON."""
    return given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)


def given_of(**options: Any) -> Dict[str, Any]:
    """The options that were given."""
    return {name: value for name, value in options.items() if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, timedelta):
        return round(value / timedelta(milliseconds=1))
    if isinstance(value, Decimal):
        return f"{value:f}"
    raise TypeError(f"{type(value).__name__} has no JSON form; give a dict, list, str, number, bool or None")


def seconds_of(value: "timedelta | float | None", name: str, *, above_zero: bool = False) -> Optional[float]:
    """A time in seconds; ``name`` stands in the error that refuses what is none."""
    if value is None:
        return None
    try:
        if isinstance(value, (bool, str, bytes)):
            raise TypeError
        seconds = value.total_seconds() if isinstance(value, timedelta) else float(value)
    except (TypeError, ValueError, OverflowError):
        raise InvalidArgumentError(
            f"{name}: must be a timedelta, or seconds such as 30.0, not {type(value).__name__}"
        ) from None
    if not (seconds > 0 if above_zero else seconds >= 0):
        raise InvalidArgumentError(f"{name}: must be {'above 0' if above_zero else '0 or more'}, not {seconds:g} s")
    return seconds


def whole_of(value: Any, name: str, least: int, most: Optional[int] = None) -> int:
    """A whole number; ``name`` stands in the error that refuses what is none, or out of range."""
    try:
        if isinstance(value, bool):
            raise TypeError
        number = index(value)
    except TypeError:
        raise InvalidArgumentError(f"{name}: must be an int, not {value!r:.100}") from None
    if number < least or (most is not None and number > most):
        words = f"{least} or more" if most is None else f"{least} to {most}"
        raise InvalidArgumentError(f"{name}: must be {words}, not {number}")
    return number


def path_of(given: "Union[str, PathLike[str]]", name: str) -> str:
    """The path of a file or folder; ``name`` stands in the error that refuses one with a NUL, which would end it there."""
    path = fspath(given)
    if "\0" in path:
        raise InvalidArgumentError(f"{name}: must not hold a NUL character")
    return path


def keys_of(given: "str | Iterable[str]", name: str) -> List[str]:
    """Several keys, or one that stands alone; ``name`` stands in the error that refuses what is neither."""
    if isinstance(given, str):
        return [given]
    try:
        return list(given)
    except TypeError:
        raise InvalidArgumentError(f"{name}: must be a str, or a list of them, not {type(given).__name__}") from None


def members_of(given: Any, name: str) -> Optional[Dict[str, Any]]:
    """Named values as a dict; ``name`` stands in the error that refuses what has none."""
    if given is None:
        return None
    if isinstance(given, Mapping):
        return dict(cast("Mapping[str, Any]", given))
    raise InvalidArgumentError(f"{name}: must be a dict, of names and values, not {type(given).__name__}")
