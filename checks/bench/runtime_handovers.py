"""Handovers in the simulator: a client and two hosts, with or without video, from the first connection to the end."""

from __future__ import annotations

import time
from dataclasses import dataclass

from switchover.runtime.spice.host_options import Video
from switchover.runtime.spice.ticket import ServerKey

from .runtime_session import Simulation


@dataclass(frozen=True)
class Handovers:
    """``count`` of them: ``virtual`` seconds in ``seconds``."""

    count: int
    virtual: float
    seconds: float


def measure_handovers(count: int, *, with_video: bool) -> Handovers:
    """One after another, semi-seamless and seamless in turns, each in a network of its own.

    Raises HandoverError when one does not come to its end.
    """
    key = ServerKey.generate()
    virtual, begun = 0.0, time.perf_counter()
    for seed in range(count):
        simulation = Simulation(seed, key, seamless=seed % 2 == 0, video=Video() if with_video else None)
        simulation.attach()
        simulation.last(0.5)
        simulation.hand_over()
        simulation.last(1.0)
        virtual += simulation.network.time
    return Handovers(count, virtual, time.perf_counter() - begun)
