"""Recordings of the model itself: random runs, written down as if real software had made them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from recordings import Rows
from switchover.checks.conformance.emission import Emission, Observer, Sent
from switchover.models.language.execution import Execution
from switchover.models.language.message import snake_case
from switchover.models.language.observation import ENDING, OPENING, Label, Said
from switchover.models.spice.link_timing.recorded_vocabulary import LinkTimingVocabulary
from switchover.models.spice.link_timing.shipped import build
from switchover.models.spice.link_timing.variant import LinkTiming

HOSTS = ("A", "B", "C", "D")
BEGINNINGS = {
    ("display", "ChannelInit"): "INIT",
    ("inputs", "ChannelInit"): "KEY_MODIFIERS",
    ("inputs", "ChannelStart"): "INIT",
    ("cursor", "ChannelStart"): "SET_ACK",
    ("playback", "ChannelStart"): "MODE",
}


class Recorder:
    """Writes the emissions of one run down."""

    def __init__(self, names: list[str]) -> None:
        self.rows: Rows = []
        self.names = names
        self.numbers: dict[int, int] = {}

    def write(self, emission: Emission) -> None:
        row = self._said(emission) if isinstance(emission, Said) else self._sent(emission)
        if row:
            self.rows.append({"t": float(len(self.rows)), **row})

    def _sent(self, emission: Sent) -> dict[str, Any]:
        channel, host, _ = self.names[emission.slot].split("_")
        channel = channel.rstrip("0123456789")
        if emission.label == OPENING:
            self.numbers[emission.slot] = 1 + max(self.numbers.values(), default=0)
        row: dict[str, Any] = {
            "kind": "spice",
            "host": HOSTS[int(host)],
            "connection": self.numbers[emission.slot],
            "channel": "?" if emission.label == OPENING else channel,
            "from": ("client", "server")[emission.end],
        }
        if emission.label in (OPENING, ENDING):
            return {**row, "tcp": emission.label[0]}
        return {**row, **_message(channel, emission.label)}

    def _said(self, said: Said) -> dict[str, Any]:
        host = HOSTS[int(said.source[-1])]
        if said.source.startswith("QMP commands"):
            data = {"port": 5000 + int(str(said.label[1]))} if len(said.label) > 1 else {}
            return {"kind": "qmp-command", "host": host, "name": said.label[0], "data": data}
        if said.source.startswith("QMP events"):
            data = {"status": said.label[1]} if len(said.label) > 1 else {}
            return {"kind": "qmp-event", "host": host, "name": said.label[0], "data": data}
        return {}


def _message(channel: str, label: Label) -> dict[str, Any]:
    name, *values = map(str, label)
    if (channel, name) in BEGINNINGS:
        return {"message": BEGINNINGS[channel, name]}
    fields: dict[str, Any] = {}
    if name in ("Link", "Init"):
        key = {"Link": "connection_id", "Init": "session_id"}[name]
        fields = {key: 1000 + int(values[0]) if values[0] != "0" else 0, "channel_caps": [0, 1, 2, 3]}
    elif name == "LinkResult":
        fields = {"result": int(values[0])}
    elif name == "Migrate":
        fields = {"flags": 3 if values[0] == "True" else 0}
    elif values:
        fields = {"port": 5000 + int(values[0])}
    return {"message": snake_case(name).upper(), "fields": fields}


def simulate(variant: LinkTiming, seed: int, length: int) -> Rows:
    """A random run of at most ``length`` steps, recorded: what is sent is recorded at once."""
    chosen = random.Random(seed)
    execution = Execution(build("simulated", variant))
    names = [each.name for each in execution.system.connections]
    slots = frozenset(number for number, name in enumerate(names) if not name.startswith("stream"))
    observer = Observer(execution, LinkTimingVocabulary(frozenset(range(variant.hosts))), slots)
    recorder, state = Recorder(names), execution.initial()
    for _ in range(length):
        firings = [(action, firing) for action, firing in execution.firings(state) if firing.state is not None]
        if not firings:
            break
        action, firing = chosen.choice(firings)
        for emission in _recorded(observer.emissions(state, action, firing)):
            recorder.write(emission)
        assert firing.state is not None
        state = firing.state
    return recorder.rows


def _recorded(emissions: list[Emission]) -> Iterator[Emission]:
    """What reaches the recording: not what vanishes, nor what a run may leave out."""
    for each in emissions:
        if isinstance(each, Said):
            if not each.optional:
                yield each
        elif not each.comes_late or each.label == ENDING:
            yield each
