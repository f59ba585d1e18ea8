"""What a typed program writes: checked by mypy and pyright, never run."""
from decimal import Decimal
from typing import Any, Dict, List, Optional, Sequence

import scena


class Echo(scena.Provider):
    def reply(self, request: scena.ReplyRequest) -> str:
        return request.messages[-1].text


class Words(scena.Analyzer):
    name = "words"

    def measure(self, message: scena.Said, history: Sequence[scena.Said]) -> float:
        return len(message.text.split())


class Lengths(scena.Embedder):
    def embed(self, texts: Sequence[str]) -> List[List[float]]:
        return [[float(len(text))] for text in texts]


async def audit(event: scena.Event, job: scena.Job) -> None:
    assert event.is_durable and job.attempts > 0


def host() -> scena.Engine:
    sink = scena.EventSink(audit, events=["turn.finished"], time_limit=2.5)
    return scena.Engine(embedders={"mine": Lengths()}, token_counters={"*": len}, event_sinks={"audit": audit, "few": sink})


@scena.tool(everywhere=True)
def weather(city: str) -> str:
    return city


@scena.tool
def clock() -> str:
    return "12:30"


def talk() -> None:
    with scena.Engine({"seed": 1}, clock="virtual", providers={"echo": Echo()}, tools=[weather, clock], analyzers=[Words()]) as engine:
        session: scena.Session = engine.create_session("job-interview", played_by={"candidate": "ai"})
        turn: scena.Turn = session.send("Hello", deadline=2.5)
        pieces: List[str] = [piece for piece in turn]
        result: scena.TurnResult = turn.result(timeout=1)
        cost: Decimal = result.cost
        info: scena.SessionInfo = session.pause().result()
        fork: scena.Session = session.fork().result()
        event: Optional[scena.Event] = session.events().next(timeout=0)
        rows: List[Dict[str, Any]] = session.rows()
        print(pieces, cost, info.state, fork.id, event and event.data["x"], rows)


def measure() -> Optional[float]:
    meter = scena.Meter()
    scores: List[scena.Score] = meter.measure("No comment.", question="Why?", history=[{"role": "self", "text": "Hello"}])
    rows: List[Dict[str, Any]] = meter.rows(["Hello", {"id": 7, "text": "No comment."}])
    print(rows, scena.check_preset("{}"))
    return scores[0].value if scores else None


def look_back(engine: scena.Engine, session: scena.Session) -> Optional[float]:
    analysis: scena.Analysis = session.analysis()
    rows: List[scena.AnalyticsRow] = engine.session_analytics(by=["preset"])
    steps: List[scena.FlowRow] = engine.session_flow()
    opinions: List[scena.AgreementRow] = engine.judge_agreement(preset="x")
    job: scena.Job = engine.enqueue_job("mail", "x", delay=1.5).result()
    batch: scena.BatchResult = scena.run_batch({"presets": ["job-interview"]}, workers=2, clock="virtual")
    print(rows[0].completion.low, steps[0].share.value, opinions[0].agreement.kappa, job.state, batch.to_dicts(), batch.groups[0].outcomes)
    return analysis.speakers[0].sentiment


async def talk_later(engine: scena.Engine) -> str:
    session = engine.create_session("job-interview")
    text = ""
    async for piece in session.send("Hello"):
        text += piece
    run: scena.RunResult = await session.run(max_turns=2)
    result: scena.TurnResult = await session.send("x")
    async for event in session.events():
        text += event.type
    return text + run.reason + result.text
