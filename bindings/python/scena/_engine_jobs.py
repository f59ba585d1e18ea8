"""An engine and its background jobs."""
from __future__ import annotations

from typing import TYPE_CHECKING, List, Optional, Tuple, Union

from ._answers import job_of
from ._engine_loop import EngineLoop
from ._given import given_of, seconds_of
from ._turn import Pending
from ._values import Job, JobCount

if TYPE_CHECKING:
    from datetime import timedelta

    Time = Union[timedelta, float]


class EngineJobs(EngineLoop):
    """Background jobs."""

    def enqueue_job(
        self,
        kind: str,
        payload: str,
        *,
        id: Optional[str] = None,
        key: Optional[str] = None,
        join: bool = False,
        priority: int = 0,
        delay: "Optional[Time]" = None,
        max_attempts: Optional[int] = None,
        session: Optional[str] = None,
    ) -> "Pending[Job]":
        """Stores a background job, to be done by the handler of its kind; docs/guide/jobs.md tells the options.

        Examples
        --------
        >>> import scena
        >>> with scena.Engine(clock="virtual", seed=7, job_handlers={"mail": lambda job: "sent: " + job.payload}) as engine:
        ...     job = engine.enqueue_job("mail", "anna", id="welcome-anna").result()
        ...     engine.run_until_idle()
        ...     engine.job("welcome-anna").result
        'sent: anna'
        """
        options = given_of(
            id=id, key=key, join=join, priority=priority, delay=seconds_of(delay, "delay"), max_attempts=max_attempts, session=session
        )
        return Pending(self, self._core.enqueue_job(kind, payload, options), job_of)

    def job(self, id: str) -> Job:
        """One job."""
        return job_of(self._core.job(id))

    def jobs(self, *, kind: str = "", state: Optional[str] = None, after: int = 0, limit: int = 0) -> Tuple[List[Job], int]:
        """A page of jobs in the order of enqueue, and what to hand back as ``after`` (0: the last page). It has at most
        ``limit`` of them, up to 1000; 0: 100."""
        found, after = self._core.jobs(kind, state, after, limit)
        return [job_of(one) for one in found], after

    def cancel_job(self, id: str) -> "Pending[Job]":
        """Ends a job that waits or runs; one that has ended stays as it is."""
        return Pending(self, self._core.cancel_job(id), job_of)

    def requeue_job(self, id: str) -> "Pending[Job]":
        """Makes a dead, dropped or cancelled job wait again, with all its attempts."""
        return Pending(self, self._core.requeue_job(id), job_of)

    def job_counts(self) -> List[JobCount]:
        """How many jobs are in which state, by kind and state."""
        return [JobCount(**one) for one in self._core.job_counts()]
