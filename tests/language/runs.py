"""A run of a system, driven by the names of what happens next."""

from __future__ import annotations

from collections.abc import Iterator

from switchover.models.language import ActorView, Execution, GlobalState, System
from switchover.models.language.execution import Action, ActionKind, Firing


class Run:
    """A run of a system, driven by the names of what happens next."""

    def __init__(self, system: System) -> None:
        self.execution = Execution(system)
        self.state: GlobalState = self.execution.initial()

    def firings(self) -> list[tuple[Action, Firing]]:
        return self.execution.firings(self.state)

    def enabled(self) -> set[str]:
        return {self.name(action) for action, _ in self.firings()}

    def name(self, action: Action) -> str:
        layout, system = self.execution.layout, self.execution.system
        if action.kind is ActionKind.DELIVER:
            receiver = layout.actor_names[layout.ends[action.subject][action.end][0]]
            return f"{self.state.connections[action.subject].head(action.end)} to {receiver}"
        if action.kind is ActionKind.CUT:
            return f"cut {system.connections[action.subject].name}"
        if action.kind in (ActionKind.CRASH, ActionKind.RESTART):
            return f"{action.kind.value} {list(system.processes)[action.subject]}"
        return f"early {action.name}" if action.kind is ActionKind.EARLY else action.name

    def fire(self, name: str) -> Firing:
        firing = next((firing for action, firing in self.firings() if self.name(action) == name), None)
        assert firing is not None, f"{name} is not enabled: {self.enabled()}"
        return firing

    def do(self, *names: str) -> Run:
        for name in names:
            after = self.fire(name).state
            assert after is not None
            self.state = after
        return self

    def view(self, role: str) -> ActorView:
        number = self.execution.layout.actor_names.index(role)
        return ActorView(self.execution.layout.workers[number], self.state.snapshots[number])


def every_state(system: System) -> Iterator[tuple[Run, list[tuple[Action, Firing]]]]:
    run = Run(system)
    frontier = [run.state]
    seen = set(frontier)
    for state in frontier:
        run.state = state
        firings = run.firings()
        yield run, firings
        for _, firing in firings:
            if firing.state is not None and firing.state not in seen:
                seen.add(firing.state)
                frontier.append(firing.state)
