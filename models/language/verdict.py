"""Verdicts and traces: the plain data in which every engine answers and every picture is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from .region import PiecewiseLinear, Proof, Region

#: A message, action or state as plain JSON data.
Json = Mapping[str, Any]


class Answer(Enum):
    """``holds`` is exhaustive or proved; ``bounded`` found nothing up to bounds that were hit; ``unknown`` ran out."""

    HOLDS = "holds"
    VIOLATED = "violated"
    REGION = "region"
    BOUNDED = "bounded"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Change:
    """What a step changed in one actor: its active states, and variables by name, each (before, after) as text."""

    actor: str
    state: tuple[str, str] | None = None
    variables: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """One actor's part in a step: what it handled (``event``) and what it did (``effects``), as text."""

    actor: str
    event: str
    effects: tuple[str, ...] = ()


@dataclass(frozen=True)
class Flight:
    """A message or connection event on its way over ``connection`` to ``receiver``."""

    connection: str
    receiver: str
    message: str


@dataclass(frozen=True)
class TraceStep:
    """One action. ``kind`` as in ``ActionKind``; ``subject`` the connection, actor or process; ``actor`` who
    handles it (empty for a cut or a refusal); ``sender`` the other end of a delivery; ``message`` what is delivered, or
    the decision's, task's or timer's name. ``outcome`` differs from *handled* only in a last step.
    ``sent``: what the step put on its way; ``dropped``: what was on its way and will not arrive.
    ``at``: ms since the start, in a timed system.
    """

    kind: str
    subject: str
    actor: str
    message: str
    sender: str = ""
    outcome: str = "handled"
    reason: str = ""
    parts: tuple[Part, ...] = ()
    changes: tuple[Change, ...] = ()
    sent: tuple[Flight, ...] = ()
    dropped: tuple[Flight, ...] = ()
    at: int | None = None

    def to_json(self) -> dict[str, Any]:
        """As plain JSON data."""
        return {
            "action": self.kind,
            "subject": self.subject,
            "actor": self.actor,
            "message": self.message,
            "sender": self.sender,
            "outcome": self.outcome,
            "reason": self.reason,
            "parts": [{"actor": p.actor, "event": p.event, "effects": list(p.effects)} for p in self.parts],
            "changes": [
                {
                    "actor": change.actor,
                    "state": None if change.state is None else list(change.state),
                    "variables": {name: list(pair) for name, pair in change.variables.items()},
                }
                for change in self.changes
            ],
            "sent": [dict(vars(flight)) for flight in self.sent],
            "dropped": [dict(vars(flight)) for flight in self.dropped],
            "at": self.at,
        }

    @staticmethod
    def from_json(data: Json) -> TraceStep:
        """The inverse of ``to_json``. Raises KeyError or TypeError on data of another shape."""
        return TraceStep(
            kind=str(data["action"]),
            subject=str(data["subject"]),
            actor=str(data["actor"]),
            message=str(data["message"]),
            sender=str(data["sender"]),
            outcome=str(data["outcome"]),
            reason=str(data["reason"]),
            parts=tuple(Part(p["actor"], p["event"], tuple(p["effects"])) for p in data["parts"]),
            changes=tuple(
                Change(
                    change["actor"],
                    None if change["state"] is None else (change["state"][0], change["state"][1]),
                    {name: (pair[0], pair[1]) for name, pair in change["variables"].items()},
                )
                for change in data["changes"]
            ),
            sent=tuple(Flight(**flight) for flight in data.get("sent", ())),
            dropped=tuple(Flight(**flight) for flight in data.get("dropped", ())),
            at=data.get("at"),
        )


@dataclass(frozen=True)
class Trace:
    """A run from the initial state. ``system`` names what it is a run of; ``actors`` its roles in order.

    ``values``: of the numbers that the question leaves open, those of this run. ``clocks``: in a timed system, what
    each actor's clock shows at the start, in ms.
    """

    system: str
    actors: tuple[str, ...]
    steps: tuple[TraceStep, ...]
    values: Mapping[str, int] = field(default_factory=dict)
    clocks: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON data."""
        return {
            "system": self.system,
            "actors": list(self.actors),
            "steps": [each.to_json() for each in self.steps],
            "values": dict(self.values),
            "clocks": dict(self.clocks),
        }

    @staticmethod
    def from_json(data: Json) -> Trace:
        """The inverse of ``to_json``. Raises KeyError or TypeError on data of another shape."""
        steps = tuple(TraceStep.from_json(each) for each in data["steps"])
        values, clocks = dict(data.get("values", {})), dict(data.get("clocks", {}))
        return Trace(str(data["system"]), tuple(data["actors"]), steps, values, clocks)


@dataclass(frozen=True)
class Verdict:
    """An engine's answer about one property of one system.

    ``bounds_hit``: names of bounds that cut something off. ``assumptions``: budgets and numbers it
    rests on. ``depth``: steps of the longest shortest path that was explored. ``note``: one line: for
    *unknown* and *bounded*, what was not explored; for a deadlock, what is stuck.
    ``region``: where it fails, over the numbers left open; ``as_stated``: whether that is the region that the source
    states (None: it states none). ``losses``: quantities as functions of those numbers. ``proof``: why it holds.
    """

    property: str
    answer: Answer
    engine: str
    states: int = 0
    transitions: int = 0
    depth: int = 0
    seconds: float = 0.0
    bounds_hit: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    trace: Trace | None = None
    note: str = ""
    region: Region | None = None
    losses: tuple[PiecewiseLinear, ...] = ()
    proof: Proof | None = None
    as_stated: bool | None = None
