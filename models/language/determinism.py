"""Is every handler a function of (snapshot, event)? Each local step is run again, here and in another process."""

from __future__ import annotations

import functools
import importlib.util
import os
import pickle
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from .actor import Actor
from .errors import NondeterminismError
from .snapshot import Snapshot
from .stepping import Decide, Expire, Input, StepResult

if TYPE_CHECKING:
    from .system import System

#: Local steps that are run again unless the caller says otherwise.
STEP_LIMIT = 5_000

_CLOCKS = ("time", "monotonic", "perf_counter", "process_time")


class _Visit(NamedTuple):
    """A local step, or what an actor reads and listens to in a state (``event`` is None), and what came of it."""

    cls: type[Actor]
    kind: int
    snapshot: Snapshot
    event: Input | None
    result: Any

    def __str__(self) -> str:
        # An object's address may stand in an exception's text; it is not part of the result.
        text = f"{self.cls.__qualname__} {self.snapshot!r} {self.event!r} {self.result!r}"
        return re.sub(r"\b0x[0-9a-fA-F]+", "0x", text)


def check_deterministic(
    maker: Callable[[], System], *, limit: int = STEP_LIMIT, hash_seeds: Sequence[int] = (1, 2)
) -> int:
    """Walk through the system that ``maker`` makes, up to about ``limit`` local steps, and run each of them again:
    at once, on actors made anew, and in one other process for each of ``hash_seeds``, which has another clock, other
    random numbers and another order in its sets.

    Returns how many local steps were compared. ``maker`` is a function of a module, or a ``functools.partial`` of
    one: the other process must find it again. Raises NondeterminismError naming class, state, event and what
    differed; ValueError for a maker that cannot be found again.
    """
    visits = _walk(maker(), limit)
    _run_anew(maker(), visits)
    lines = [str(each) for each in visits]
    for seed in hash_seeds:
        other_lines = _in_another_process(maker, limit, seed)
        for visit, line, other in zip(visits, lines, other_lines, strict=False):
            if line != other:
                where = f"{_where(visit.cls, visit.snapshot, visit.event)}: another process (PYTHONHASHSEED={seed})"
                raise NondeterminismError(f"{where} gives {_show_change(line, other)}")
        if len(lines) != len(other_lines):
            raise NondeterminismError(
                f"another process (PYTHONHASHSEED={seed}) visits {len(other_lines)} local steps, this one {len(lines)}"
            )
    return len(visits)


def require_same_result(
    cls: type[Actor], snapshot: Snapshot, event: Input, first: StepResult, second: StepResult
) -> None:
    """Raise NondeterminismError, one line, unless two runs of one local step gave the same."""
    if first != second:
        raise NondeterminismError(f"{_where(cls, snapshot, event)}: two runs differ: {_difference(first, second)}")


def _walk(system: System, limit: int) -> list[_Visit]:
    """The local steps that a breadth-first walk through ``system`` meets, each once, in a fixed order."""
    from .execution import Execution

    execution = Execution(system, twice=True)
    frontier = [execution.initial()]
    seen = set(frontier)
    for state in frontier:
        for _, firing in execution.firings(state):
            if firing.state is not None and firing.state not in seen:
                seen.add(firing.state)
                frontier.append(firing.state)
        if len(execution._steps) >= limit:
            break
    classes = {kind: type(worker) for kind, worker in zip(execution.kinds, execution.layout.workers, strict=True)}
    steps = [_Visit(classes[kind], kind, at, event, done) for (kind, at, event), done in execution._steps.items()]
    masks = [_Visit(classes[kind], kind, at, None, seen_by) for (kind, at), seen_by in execution._masks.items()]
    return steps + masks


def _run_anew(system: System, visits: Sequence[_Visit]) -> None:
    from .execution import Execution

    execution = Execution(system)
    for cls, kind, snapshot, event, result in visits:
        actor = execution.kinds.index(kind)
        if event is not None:
            require_same_result(cls, snapshot, event, result, execution.local_step(actor, snapshot, event))
        elif execution.masks(actor, snapshot) != result:
            raise NondeterminismError(f"{_where(cls, snapshot, event)}: two runs differ")


def _where(cls: type[Actor], snapshot: Snapshot, event: Input | None) -> str:
    state = ".".join(snapshot.states)
    if event is None:
        return f"{cls.__name__}.reads or listens in {state}"
    cause = event.name if isinstance(event, Decide) else event.timer if isinstance(event, Expire) else event.message
    return f"{cls.__name__} in {state} on {cause} is not a function of its inputs"


def _difference(first: StepResult, second: StepResult) -> str:
    if first.outcome is not second.outcome:
        return f"outcome {first.outcome.value} and {second.outcome.value}"
    for name in ("transitions", "outputs", "reason"):
        if getattr(first, name) != getattr(second, name):
            return f"{name} {getattr(first, name)!r} and {getattr(second, name)!r}"
    pairs = zip(first.snapshot._fields, first.snapshot, second.snapshot, strict=True)
    return "; ".join(f"{name} {one!r} and {other!r}" for name, one, other in pairs if one != other)


def _show_change(line: str, other: str) -> str:
    """The part in which two lines differ, with a few words around it."""
    same = next((at for at, (one, two) in enumerate(zip(line, other, strict=False)) if one != two), len(other))
    start = max(line.rfind(" ", 0, same), 0)
    return f"…{other[start : start + 80]}…, this one …{line[start : start + 80]}…"


# The other process.


def _in_another_process(maker: Callable[[], System], limit: int, seed: int) -> list[str]:
    environment = {**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = f"from {__name__} import print_visits; print_visits({limit}, {seed})"
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", command],
        input=_pickled(maker),
        capture_output=True,
        env=environment,
        check=False,
    )
    if done.returncode != 0:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise ValueError(f"{_name(maker)} cannot be run in another process: {' '.join(last)}")
    lines = done.stdout.decode().splitlines()
    if lines and lines[0].startswith("!"):
        raise NondeterminismError(lines[0][1:])
    return lines


def _function(maker: Any) -> Any:
    return _function(maker.func) if isinstance(maker, functools.partial) else maker


def _name(maker: Any) -> str:
    function = _function(maker)
    return str(getattr(function, "__qualname__", function))


def _pickled(maker: Callable[[], System]) -> bytes:
    module = _function(maker).__module__
    try:
        pickled = pickle.dumps(maker)
    except Exception:
        raise ValueError(f"{_name(maker)}: a system's maker must be a function of a module, not a local one") from None
    return pickle.dumps((module, getattr(sys.modules.get(module), "__file__", None), pickled))


def print_visits(limit: int, seed: int) -> None:
    """What the other process does: read a maker from standard input and print its local steps, one a line."""
    random.seed(seed)
    for name in _CLOCKS:
        for clock_name, ahead in ((name, 1e6 + 0.5), (f"{name}_ns", 10**15 + 5)):
            setattr(time, clock_name, functools.partial(_clock_ahead, getattr(time, clock_name), ahead))
    module, file, pickled = pickle.load(sys.stdin.buffer)
    _import(module, file)
    maker = pickle.loads(pickled)
    try:
        lines = [str(each) for each in _walk(maker(), limit)]
    except NondeterminismError as error:
        lines = [f"!{error}"]
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def _clock_ahead(clock: Callable[[], Any], ahead: Any) -> Any:
    return clock() + ahead


def _import(module: str, file: str | None) -> None:
    """Import a module under the name it has in the first process, though it may have been loaded by its path."""
    if module != "__main__":
        try:
            found = importlib.util.find_spec(module)
        except (ImportError, ValueError):
            found = None
        if found is not None and found.origin == file:
            importlib.import_module(module)
            return
    if file is None:
        raise ImportError(f"module {module} has no file")
    spec = importlib.util.spec_from_file_location("__mp_main__" if module == "__main__" else module, file)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules[module] = sys.modules[spec.name] = made
    spec.loader.exec_module(made)
