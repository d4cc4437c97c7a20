"""A system that cannot be given a meaning is refused when it is made: one line naming the system, what and why."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from example_charts import NO_FAULTS, Callee, Caller, Client, Reader, Server, Writer, both_up
from switchover.models.language import (
    Binding,
    Bounds,
    Connection,
    DefinitionError,
    Faults,
    System,
    always,
    leads_to,
    never,
)


def _of_all(*actors: object) -> bool:
    return bool(actors)


def _of_client(client: Client) -> bool:
    return client.is_busy


def _of_server(server: Server) -> bool:
    return server.deaf


def wired(*ends: str, established: bool = False, faults: Faults = NO_FAULTS) -> System:
    actors = {"client": Client(), "server": Server(), "readers": [Reader(), Reader()], "writer": Writer()}
    pairs = zip(ends[::2], ends[1::2], strict=True)
    connections = tuple(Connection(f"c{n}", one, other, established) for n, (one, other) in enumerate(pairs))
    return System("s", actors, connections, faults=faults, processes={"host": ("client",)})


SYSTEMS: dict[str, tuple[Callable[[], object], str]] = {
    "undeclared port": (
        lambda: wired("client.sever", "server.client"),
        "system s: connection 'c0': client has no port 'sever'; it has server",
    ),
    "unknown actor": (
        lambda: wired("clint.server", "server.client"),
        "system s: connection 'c0': there is no actor 'clint'; there are client, server, readers[0], readers[1]",
    ),
    "unknown member": (
        lambda: wired("readers[2].line", "writer.line"),
        "system s: connection 'c0': there is no actor 'readers[2]'",
    ),
    "not a port": (
        lambda: wired("client", "server.client"),
        "system s: connection 'c0': 'client' is not written actor.port or actor[0].port[0]",
    ),
    "connected twice": (
        lambda: wired("client.server", "server.client", "client.server", "server.client"),
        "system s: connection 'c1': client.server is connected already",
    ),
    "port used twice": (
        lambda: wired("writer.line", "readers[0].line", "writer.line", "readers[1].line"),
        "system s: connection 'c1': writer.line is connected already",
    ),
    "what the peer does not receive": (
        lambda: wired("client.server", "readers[0].line"),
        "system s: connection 'c0': client.server sends Hello, which readers[0].line does not receive",
    ),
    "local needs a binding": (
        lambda: System("s", {"a": Caller(), "b": Callee()}, (Connection("c", "a.callee", "b.caller"),)),
        "system s: connection 'c': a.callee is Local and needs a Binding",
    ),
    "port needs a connection": (
        lambda: System("s", {"a": Client(), "b": Server()}, bindings=(Binding("a.server", "b.client"),)),
        "system s: binding of a.server and b.client: a.server is a Port and needs a Connection",
    ),
    "name used twice": (
        lambda: System("s", {"client": Client(), "b": Server()}, (Connection("client", "client.server", "b.client"),)),
        "system s: connection 'client': the name is used twice",
    ),
    "not an actor": (lambda: System("s", {"a": Client}), "system s: role 'a' is"),  # type: ignore[dict-item]
    "role name": (lambda: System("s", {"a b": Client()}), "system s: role 'a b' is not a name"),
    "property parameter": (
        lambda: System("s", {"client": Client()}, properties=(both_up,)),
        "property both_up: parameter 'server' is no actor or connection of s; there are client",
    ),
    "property twice": (
        lambda: System("s", {"client": Client(), "server": Server()}, properties=(both_up, both_up)),
        "system s: two properties are called 'both_up'",
    ),
    "property arguments": (
        lambda: always(_of_all),
        "property _of_all: parameter 'actors' must be a plain name",
    ),
    "property when": (
        lambda: never(_of_client, when="later"),  # type: ignore[arg-type]
        "when='later': expected 'always' or 'quiescent'",
    ),
    "consequence": (
        lambda: leads_to(_of_client)(_of_server),
        "property _of_server: its consequence must have the same parameters",
    ),
    "process role": (
        lambda: System("s", {"a": Client()}, processes={"host": ("b",)}),
        "system s: process 'host' has no role 'b'",
    ),
    "process overlap": (
        lambda: System("s", {"a": Client()}, processes={"one": ("a",), "two": ("a",)}),
        "system s: role 'a' is in 'one' and 'two'",
    ),
    "process empty": (
        lambda: System("s", {"a": Client()}, processes={"one": ()}),
        "system s: process 'one' has no role",
    ),
    "no process": (
        lambda: System("s", {"a": Client()}, faults=Faults(crash=1)),
        "system s: faults crash=1, but there are no processes",
    ),
    "cut": (
        lambda: wired(faults=Faults(cut=1, cut_connections=("c9",))),
        "system s: faults cut 'c9', which is no conn",
    ),
    "crash": (
        lambda: wired(faults=Faults(crash=1, crash_processes=("guest",))),
        "system s: faults crash 'guest', which is no process",
    ),
    "budget": (lambda: Faults(cut=-1), "Faults: cut=-1 is negative"),
    "restart": (lambda: Faults(restart=1), "Faults: restart=1, but no process may crash"),
    "queue": (lambda: Bounds(queue=0), "Bounds: queue=0 lets no message through; it is 1 or more"),
    "depth": (lambda: Bounds(depth=-1), "Bounds: depth=-1 is negative"),
}


@pytest.mark.parametrize(("make", "text"), SYSTEMS.values(), ids=SYSTEMS)
def test_a_system_is_refused_in_one_line(make: Callable[[], object], text: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        make()
    assert str(caught.value).startswith(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("given", [1, None, "Client", {"one": 1}])
def test_a_role_that_is_no_actor(given: object) -> None:
    with pytest.raises(DefinitionError, match=r"^system s: role 'a' is .*, not an Actor$"):
        System("s", {"a": given})  # type: ignore[dict-item]
