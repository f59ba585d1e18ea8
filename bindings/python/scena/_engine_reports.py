"""An engine and what its stored sessions came to."""
from __future__ import annotations

from typing import TYPE_CHECKING, List, Optional, Sequence, Union

from ._engine_loop import EngineLoop
from ._given import given_of, keys_of

if TYPE_CHECKING:
    from ._reports import AgreementRow, AnalyticsRow, FlowRow


class EngineReports(EngineLoop):
    """Many sessions, looked back on."""

    def session_analytics(
        self,
        *,
        by: Union[str, Sequence[str]] = (),
        preset: Optional[str] = None,
        character: Optional[str] = None,
        owner: Optional[str] = None,
        first_day: Optional[str] = None,
        last_day: Optional[str] = None,
        distributions: bool = False,
    ) -> "List[AnalyticsRow]":
        """How stored sessions ended and what people thought of them: a row for each combination of ``by`` (preset,
        character, day, month; one, or a list) that has sessions. Reads every session that it is about. ``owner``: of sessions that
        are stored and have a row still. ``distributions``: rows have ``metrics``, too; reads every message.

        Examples
        --------
        >>> import scena
        >>> with scena.Engine(clock="virtual", seed=7) as engine:
        ...     sessions = engine.run_sessions("salary-negotiation", 3, max_turns=2)
        ...     done = sessions[0].complete().result()
        ...     [(row.group, row.completed, row.sessions) for row in engine.session_analytics(by="preset")]
        [(('salary-negotiation',), 1, 3)]
        """
        from ._reports import analytics_rows_of

        query = given_of(preset=preset, character=character, owner=owner, **{"from": first_day, "to": last_day})
        if distributions:
            query["distributions"] = True
        keys = keys_of(by, "by")
        return analytics_rows_of(self._core.analytics(query, keys), keys)

    def session_flow(
        self,
        *,
        preset: Optional[str] = None,
        character: Optional[str] = None,
        owner: Optional[str] = None,
        first_day: Optional[str] = None,
        last_day: Optional[str] = None,
    ) -> "List[FlowRow]":
        """How many sessions went from one speaker to the next at each step, and where they left."""
        from ._reports import flow_rows_of

        query = given_of(preset=preset, character=character, owner=owner, **{"from": first_day, "to": last_day})
        return flow_rows_of(self._core.flow(query))

    def judge_agreement(
        self,
        *,
        preset: Optional[str] = None,
        character: Optional[str] = None,
        owner: Optional[str] = None,
        first_day: Optional[str] = None,
        last_day: Optional[str] = None,
    ) -> "List[AgreementRow]":
        """How far a model's second opinions agree with the measured scores: a row for each preset and metric judged.
        Reads every message of the sessions that it is about.

        Examples
        --------
        >>> import scena
        >>> with scena.Engine(clock="virtual", seed=7) as engine:
        ...     sessions = engine.run_sessions("salary-negotiation", 2, max_turns=2)
        ...     engine.judge_agreement()  # nobody was configured to judge
        []
        """
        from ._reports import agreement_rows_of

        query = given_of(preset=preset, character=character, owner=owner, **{"from": first_day, "to": last_day})
        return agreement_rows_of(self._core.agreement(query))
