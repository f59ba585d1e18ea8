"""A session as HTML for notebooks: the transcript, and a chart of each metric."""
from __future__ import annotations

from html import escape
from typing import List, Sequence, Tuple

from ._values import Message, SessionInfo

_STYLE = (
    "font-family:system-ui,sans-serif;max-width:46em;line-height:1.45",
    "margin:.5em 0;padding:.5em .8em;border-radius:.5em;background:rgba(127,127,127,.12)",
    "font-size:.85em;opacity:.75",
)
_COLOURS = ("#2f6fb0", "#b0532f", "#3f8f4f", "#8a4fb0", "#a08a1f")
_WIDTH, _HEIGHT = 420, 60


def session_html(info: SessionInfo, messages: Sequence[Message]) -> str:
    """The whole fragment; every text of the session is escaped."""
    title = escape(info.title or info.preset)
    facts = f"{escape(info.state)} · {info.turns} turns · {info.usage.input_tokens + info.usage.output_tokens} tokens"
    if info.cost:
        facts += f" · {info.cost} USD"
    said = "".join(_message(one) for one in messages)
    return (
        f'<div style="{_STYLE[0]}"><strong>{title}</strong> <span style="{_STYLE[2]}">{facts}</span>'
        f"{said}{_charts(messages)}</div>"
    )


def _message(one: Message) -> str:
    scores = " · ".join(f"{escape(score.metric)} {score.value:.2f}" for score in one.metrics)
    ending = "" if one.outcome == "complete" else f" ({escape(one.outcome)})"
    text = escape(one.text).replace("\n", "<br>")
    return (
        f'<div style="{_STYLE[1]}"><strong>{escape(one.speaker)}</strong>{ending}<br>{text}'
        f'<div style="{_STYLE[2]}">{scores}</div></div>'
    )


def _charts(messages: Sequence[Message]) -> str:
    names: List[str] = []
    for one in messages:
        names += [score.metric for score in one.metrics if score.metric not in names]
    return "".join(_chart(name, messages, _COLOURS[i % len(_COLOURS)]) for i, name in enumerate(names))


def _chart(name: str, messages: Sequence[Message], colour: str) -> str:
    values: List[Tuple[int, float]] = []
    for i, one in enumerate(messages):
        score = one.score(name)
        if score is not None:
            values.append((i, score.value))
    low = min(0.0, *(value for _, value in values), 0.0)
    high = max(1.0, *(value for _, value in values), 1.0)
    step = _WIDTH / max(len(messages) - 1, 1)

    def at(i: int, value: float) -> str:
        return f"{i * step:.1f},{_HEIGHT - (value - low) / (high - low) * _HEIGHT:.1f}"

    line = " ".join(at(i, value) for i, value in values)
    dots = ""
    for i, value in values:
        x, y = at(i, value).split(",")
        dots += f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"><title>{escape(messages[i].speaker)}: {value:.2f}</title></circle>'
    zero = at(0, 0.0).split(",")[1]
    return (
        f'<figure style="margin:.8em 0 0"><figcaption style="{_STYLE[2]}">{escape(name)}</figcaption>'
        f'<svg viewBox="-6 -6 {_WIDTH + 12} {_HEIGHT + 12}" width="{_WIDTH}" role="img" aria-label="{escape(name)}">'
        f'<line x1="0" y1="{zero}" x2="{_WIDTH}" y2="{zero}" stroke="currentColor" stroke-opacity=".25"/>'
        f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>{dots}</svg></figure>'
    )
