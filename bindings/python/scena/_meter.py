"""Metrics of single messages, without an engine."""
from __future__ import annotations

import json
from typing import Any, Dict, Iterable, List, Mapping, Tuple, Union

from . import _core
from ._answers import score_of
from ._errors import InvalidArgumentError
from ._given import json_of
from ._values import Score

_IS_SELF = {"self": True, "other": False}


class Meter:
    """Measures single messages with the built-in metrics (docs/reference/metrics.md): the scores that a session's
    messages get, without a session.

    Making one builds the word tables, which takes about a millisecond; a short message then takes microseconds. Any
    number of threads may share one; they measure at the same time.

    Examples
    --------
    >>> import scena
    >>> meter = scena.Meter()
    >>> [score.label for score in meter.measure("No comment.", question="Why did you leave?")
    ...  if score.metric == "evasiveness"]
    ['non-reply']
    """

    def __init__(self) -> None:
        self._core = _core.Meter()

    def measure(
        self, text: str, *, question: str = "", history: "Iterable[Mapping[str, str]]" = ()
    ) -> List[Score]:
        """The scores of one message, with their evidence. A metric that is not computed has none.

        Parameters
        ----------
        question
            What the message answers.
        history
            What was said before, oldest first, each ``{"role": "self" or "other", "text": ...}``: ``self`` wrote
            ``text``, too. The last 50 count. Evidence names "text", "question", or an index of this.
        """
        said = [_said(one, at) for at, one in enumerate(history)]
        return [score_of(score) for score in self._core.measure(text, question, said)]

    def rows(self, messages: "Iterable[Union[str, Mapping[str, Any]]]") -> List[Dict[str, Any]]:
        """A row for each message, as ``scena measure`` prints it: the value of each metric, None where it is not
        computed. For ``pandas.DataFrame(rows)`` or ``pyarrow.Table.from_pylist(rows)``.

        Parameters
        ----------
        messages
            Texts, or dicts of ``text`` and perhaps ``question``, ``history`` as in :meth:`measure`, and ``id``, which
            comes back as it is.

        Examples
        --------
        >>> import scena
        >>> rows = scena.Meter().rows(["I love this!", {"id": 7, "text": "No comment.", "question": "Why?"}])
        >>> [(row["id"], row["sentiment"] > 0, row["evasiveness"] is None) for row in rows]
        [(None, True, True), (7, False, False)]
        """
        return [self._row(message, at) for at, message in enumerate(messages)]

    def _row(self, message: "Union[str, Mapping[str, Any]]", at: int) -> Dict[str, Any]:
        line = json_of({"text": message} if isinstance(message, str) else message)
        try:
            row: Dict[str, Any] = json.loads(self._core.row(line))
        except InvalidArgumentError as error:
            raise InvalidArgumentError(f"messages[{at}]: {error}") from None
        return row


def _said(given: "Mapping[str, str]", at: int) -> Tuple[bool, str]:
    role = given.get("role", "")
    if role not in _IS_SELF:
        raise InvalidArgumentError(f'history[{at}]: "role" must be "self" or "other"')
    if "text" not in given:
        raise InvalidArgumentError(f'history[{at}]: "text" is missing')
    return _IS_SELF[role], given["text"]
