"""The answer about a recording, and how it is found."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from switchover.models.language.execution import Execution
from switchover.models.language.observation import ENDING, Recording
from switchover.models.spice.link_timing.recording import Reading, interpret
from switchover.models.spice.link_timing.shipped import build
from switchover.models.spice.link_timing.variant import LinkTiming, Repairs

from .explaining import nearest, possibilities
from .reading import Recorded, read_file, read_lines
from .search import Explanation, Outcomes

#: States that a search may visit before its answer is *unknown*.
STATE_LIMIT = 100_000

CONFORMS = "conforms"
DIFFERS = "differs"
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Conformance:
    """Whether a recording is a behaviour of the shipped SPICE system, and what that rests on.

    ``verdict``: *conforms*; *differs*, after every run was looked at; or *unknown*, when the search ended before.
    ``variant``: the parameters that were read from the recording. Of ``lines``, ``mapped`` take part in the model and
    ``outside`` do not, by reason. ``explained``: mapped lines in the longest prefix that some run explains. When it
    does not conform: ``line`` and ``text`` of what comes next, what the model would have ``allowed`` there, and for
    the ``nearest`` action what stood in its way. ``remarks`` are about a packet capture; ``is_incomplete``: what it
    lacks may be what explains the rest, so that it never *differs*.
    """

    recording: str
    verdict: str
    variant: str
    lines: int
    mapped: int
    explained: int
    outside: Mapping[str, int] = field(default_factory=dict)
    states: int = 0
    transitions: int = 0
    seconds: float = 0.0
    line: int = 0
    text: str = ""
    allowed: tuple[str, ...] = ()
    nearest: str = ""
    remarks: tuple[str, ...] = ()
    is_incomplete: bool = False

    @property
    def conforms(self) -> bool:
        """Whether the recording is a behaviour of the model."""
        return self.verdict == CONFORMS

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "recording": self.recording,
            "verdict": self.verdict,
            "system": "spice.link_timing/shipped",
            "variant": self.variant,
            "lines": self.lines,
            "mapped": self.mapped,
            "explained": self.explained,
            "outside": dict(self.outside),
            "states": self.states,
            "transitions": self.transitions,
            "seconds": round(self.seconds, 3),
            "line": self.line or None,
            "text": self.text,
            "allowed": list(self.allowed),
            "nearest": self.nearest,
            "remarks": list(self.remarks),
            "incomplete": self.is_incomplete,
        }


def conform_file(
    path: str | Path,
    *,
    client: Repairs | None = None,
    servers: Repairs | None = None,
    limit: int = STATE_LIMIT,
    interrupted: Callable[[int], bool] | None = None,
) -> Conformance:
    """Decide whether the recording in a file, JSON lines or a packet capture, is a behaviour of the model.

    ``client``: repairs of its client; None: none, as shipped. ``servers``: of its servers; None: as they announce in
    LINK_REPLY, all or none. ``limit``: states to visit at most. ``interrupted`` is asked now and then, given the states
    visited; when it says True the answer is *unknown*. Raises ValueError, one line, for what is no recording.
    """
    return conform_recorded(read_file(path), client=client, servers=servers, limit=limit, interrupted=interrupted)


def conform(
    lines: Iterable[str | bytes],
    *,
    name: str = "recording",
    client: Repairs | None = None,
    servers: Repairs | None = None,
    limit: int = STATE_LIMIT,
    interrupted: Callable[[int], bool] | None = None,
) -> Conformance:
    """The same for the lines of a recording."""
    recorded = Recorded(name, tuple(read_lines(lines, name)))
    return conform_recorded(recorded, client=client, servers=servers, limit=limit, interrupted=interrupted)


def conform_recorded(
    recorded: Recorded,
    *,
    client: Repairs | None = None,
    servers: Repairs | None = None,
    limit: int = STATE_LIMIT,
    interrupted: Callable[[int], bool] | None = None,
    goes_on: bool = False,
) -> Conformance:
    """The same for a recording that was read. ``goes_on``: there is more to come, however it looks now."""
    began = time.perf_counter()
    try:
        reading = interpret(recorded.rows)
    except ValueError as error:
        raise ValueError(f"{recorded.name}: {error}") from None
    if goes_on:
        reading = replace(reading, recording=_going_on(reading.recording))
    variant = replace(reading.variant, client_repairs=client or Repairs(), repairs=servers or reading.variant.repairs)
    system = build("recorded", variant)
    explanation = Explanation(Execution(system), reading.recording, reading.vocabulary)
    found = explanation.search(limit, interrupted)
    longest = found
    if found.first is not None and found.complete:
        longest = explanation.longest_prefix(found, limit, interrupted)
    difference = _difference(explanation, reading, found, longest) if longest.first is not None else {}
    observations = reading.recording.observations
    return Conformance(
        recorded.name,
        _verdict(found, recorded.is_incomplete),
        describe_variant(reading.variant),
        len(recorded.rows),
        len({each.line for each in observations}),
        len({each.line for each in observations[: longest.first]}),
        reading.outside,
        found.states + (longest.states if longest is not found else 0),
        found.transitions + (longest.transitions if longest is not found else 0),
        time.perf_counter() - began,
        remarks=recorded.remarks,
        is_incomplete=recorded.is_incomplete,
        **difference,
    )


def _going_on(recording: Recording) -> Recording:
    """The same, breaking off: every side that has not ended its connection may say more."""
    ended = {each.source for each in recording.observations if each.label == ENDING}
    return replace(recording, breaks_off=True, open_ended=frozenset(recording.watched) - ended)


def _verdict(found: Outcomes, is_incomplete: bool) -> str:
    if found.first is None:
        return CONFORMS
    return DIFFERS if found.complete and not is_incomplete else UNKNOWN


def _difference(explanation: Explanation, reading: Reading, found: Outcomes, longest: Outcomes) -> dict[str, Any]:
    assert longest.first is not None
    observation = reading.recording.observations[longest.first]
    nodes = longest.best if longest is found else (*longest.best, *found.best)
    return {
        "line": observation.line,
        "text": observation.text,
        "allowed": possibilities(explanation, longest.best),
        "nearest": nearest(explanation, nodes, observation, reading.vocabulary),
    }


def describe_variant(variant: LinkTiming) -> str:
    """The parameters that a recording sets, for people."""
    parts = [
        "seamless" if variant.seamless else "semi-seamless" if variant.follows else "switch-host",
        f"{variant.hosts} hosts",
        "channels " + (", ".join(map(str, variant.channels)) or "main only"),
        f"{len(variant.targets)} migration{'' if len(variant.targets) == 1 else 's'}"
        + (f" to host {', '.join(map(str, variant.targets))}" if variant.targets else ""),
    ]
    parts += [f"host {host} {answer}" for host, answer in enumerate(variant.answers) if answer.value != "yes"]
    notable = {
        "no client_migrate_info": not variant.gives_info,
        "the ticket may expire": variant.ticket_may_expire,
        "the target declines seamless migration": not variant.agrees_to_seamless,
    }
    return "; ".join(parts + [text for text, holds in notable.items() if holds])
