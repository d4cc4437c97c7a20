"""One simulated handover as it happened: what was drawn for it, what management did, what the client saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rich.console import Console
from rich.text import Text
from switchover.runtime.spice.events import NotAllowed
from switchover.runtime.spice.host_events import Commanded, HostEvent
from switchover.runtime.spice.scenario_session import Attempt, Seen, run_session
from switchover.runtime.spice.scenarios import Plan

from .host_timeline import command_text
from .simulating import Simulation, session_seed
from .timeline import Timeline
from .wording import duration


def show_handover(console: Console, simulation: Simulation, handovers: int, number: int, everything: bool) -> Attempt:
    """Play the session of one of so many handovers, ``number``, from 1, and print what happened in that handover.

    The ones before are shown too, as far as each was followed by the next at once.
    """
    scenario = simulation.scenario
    session, place = divmod(number - 1, scenario.attempts)
    scenario = replace(scenario, attempts=min(scenario.attempts, handovers - session * scenario.attempts))
    seed = session_seed(simulation.seed, session)
    lines = _Lines(console, range(_first(run_session(scenario, seed).attempts, place), place + 1), everything)
    attempt = run_session(scenario, seed, lines.show).attempts[place]
    console.quiet = False
    console.print(Text(f"the guest is at {attempt.guest}, {_where(attempt)}: {attempt.fate}", "bold"))
    console.print(f"what was drawn: from {attempt.source} to {attempt.plan.target}, {_drawn(attempt.plan)}")
    return attempt


def _first(attempts: Sequence[Attempt], place: int) -> int:
    """The first of the attempts that followed each other at once up to this one: what is left of them matters."""
    while place > 0 and attempts[place - 1].was_followed_at_once:
        place -= 1
    return place


class _Lines:
    """Shows the events of some attempts to a timeline, which has to know what was before."""

    def __init__(self, console: Console, places: range, everything: bool) -> None:
        self._console = console
        self._places = places
        self._timeline = Timeline(console, lambda address: address.partition(":")[0], self._clock, everything)
        self._seen: Seen | None = None

    def _clock(self, at: float) -> int:
        return self._seen.world.client.mm_time(at) if self._seen is not None else 0

    def show(self, seen: Seen) -> None:
        self._seen = seen
        self._console.quiet = seen.attempt not in self._places
        reported = seen.reported
        if reported.node not in seen.world.hosts:
            self._timeline.show(reported.event)
            return
        text, style = _at_host(reported.event)
        if text:
            self._timeline.say(reported.time, reported.node, text, style)


def _at_host(event: object) -> tuple[str, str]:
    if isinstance(event, Commanded):
        return command_text(event), "magenta"
    if isinstance(event, HostEvent):
        return str(event), "magenta"
    return (f"not allowed: {event.text}", "bold red") if isinstance(event, NotAllowed) else ("", "")


def _where(attempt: Attempt) -> str:
    if attempt.was_followed_at_once:
        return "nobody has looked where the client is"
    return f"the client {'nowhere' if attempt.client is None else f'at {attempt.client}'}"


def _drawn(plan: Plan) -> str:
    parts = [f"latency to it {duration(plan.latency)}"]
    parts.append(f"{plan.ending.value} after {duration(plan.duration)}")
    parts += [] if plan.waits else ["the guest goes without waiting for the client"]
    parts += [] if plan.takes_guest else ["the target takes no guest"]
    parts += [f"a ticket for {duration(plan.ticket_lifetime)}"] if plan.ticket_lifetime is not None else []
    parts += ["the target takes no client"] if plan.refuses else []
    if plan.cut is not None:
        what = "the connections" if plan.cut.is_whole else "a connection"
        parts.append(f"{what} with the {plan.cut.peer.value} cut after {duration(plan.cut.after)}")
    return ", ".join(parts)
