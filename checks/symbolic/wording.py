"""Writes an invariant as lines to be read: control states by what tells them apart, and what holds there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from switchover.models.language.region import formula_text

from .induction import Invariant, terms_of
from .opening import leaves
from .terms import SymbolicInteger
from .transition_system import Node, TransitionSystem

__all__ = ["invariant_lines"]

_MOST_NAMED = 3


def invariant_lines(system: TransitionSystem, invariant: Invariant, quantities: Sequence[str]) -> tuple[str, ...]:
    """One line for each thing that holds: everywhere, or in which control states."""
    nodes = _reached(system, invariant)
    described = [_description(system, node) for node in nodes]
    differing = [
        place
        for place in dict.fromkeys(place for each in described for place in each)
        if len({each.get(place) for each in described}) > 1
    ]
    groups: dict[tuple[str, ...], list[str]] = {}
    for node, each in zip(nodes, described, strict=True):
        texts = tuple(formula_text(formula, quantities) for formula in invariant[node.key])
        groups.setdefault(texts, []).append(_named(each, differing))
    return tuple(f"{_where(names, len(nodes))}: {_conjunction(texts)}" for texts, names in groups.items())


def _conjunction(texts: Sequence[str]) -> str:
    return " and ".join(f"({each})" if " or " in each else each for each in texts) or "nothing more"


def _where(names: Sequence[str], total: int) -> str:
    if len(names) == total:
        return "everywhere"
    if len(names) <= _MOST_NAMED:
        return " | ".join(names)
    return f"{names[0]} | … ({len(names)} control states) … | {names[-1]}"


def _named(description: dict[str, str], differing: Sequence[str]) -> str:
    return ", ".join(description[place] for place in differing if description.get(place)) or "at rest"


def _reached(system: TransitionSystem, invariant: Invariant) -> list[Node]:
    start, _ = system.initial()
    found: dict[Node, None] = {}
    pending = [start]
    while pending:
        node = pending.pop(0)
        if node not in found:
            found[node] = None
            pending += [each.target for each in system.steps(node, terms_of(invariant[node.key])).edges]
    return list(found)


def _description(system: TransitionSystem, node: Node) -> dict[str, str]:
    """What is control in a state, by place: the text that says it, empty where nothing is there."""
    execution, state = system.execution, node.state
    layout = execution.execution.layout
    found: dict[str, str] = {}
    for worker, name, snapshot in zip(layout.workers, layout.actor_names, state.system.snapshots, strict=True):
        found[name] = f"{name} {'.'.join(snapshot.states)}"
        for timer in snapshot.timers:
            found[f"{name}.{timer}"] = f"{name}.{timer} runs"
        for variable, value in zip(type(worker)._variables, snapshot.variables, strict=True):
            found |= _value(f"{name}.{variable}", value)
    for declared, connection, ends in zip(
        execution.system.connections, state.system.connections, layout.ends, strict=True
    ):
        for queue, (actor, _) in zip(connection.queues, ends, strict=True):
            place = f"{declared.name} to {layout.actor_names[actor]}"
            carried = ", ".join(type(each).__name__ for each in queue)
            found[place] = f"{place}: {carried}" if carried else ""
    return found


def _value(name: str, value: Any) -> dict[str, str]:
    found = {}
    if isinstance(value, tuple):
        found[name] = f"{len(value)} in {name}" if value else ""
    elif value is None:
        return {name: f"no {name}"}
    for place, leaf in leaves(value, name):
        if not isinstance(leaf, SymbolicInteger):
            found[place] = f"{place}={leaf}" if not isinstance(leaf, bool) else (place if leaf else f"not {place}")
    return found
