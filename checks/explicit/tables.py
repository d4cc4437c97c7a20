"""The tables that the compiled search looks things up in, filled on demand by running charts and predicates."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from switchover.models.language import Execution, GlobalState, Message, Opened
from switchover.models.language import connection as transport
from switchover.models.language.actor import Close, Open, Output, Send
from switchover.models.language.connection import ConnectionState
from switchover.models.language.execution import Budgets, crashed_snapshot, is_crashed
from switchover.models.language.stepping import Decide, Expire, Input, Outcome, Receive, Snapshot

from . import layout as code
from .deadlock import is_at_rest
from .exploration import class_name
from .findings import sought_truth
from .hashing import insert, move_pairs
from .intrinsics import address
from .predicates import DecisionTree, Leaf, Node

_STATUS = {
    Outcome.HANDLED: code.HANDLED,
    Outcome.REFUSED: code.REFUSED,
    Outcome.UNEXPECTED: code.UNEXPECTED,
    Outcome.ERROR: code.ERROR,
}
_LEAVES = {True: code.IS_TRUE, False: code.IS_FALSE, None: code.RAISES}
#: Bytes that an interned value, a step or an edge is taken to cost on the Python side.
_OBJECT_SIZE = 1000


class Column:
    """A numpy array that grows by appending rows."""

    def __init__(self, width: int) -> None:
        self.array: NDArray[np.int32] = np.zeros(64 * width, np.int32)
        self.address = address(self.array)
        self.width = width
        self.rows = 0

    def append(self, row: Iterable[int]) -> int:
        """Add a row; its number."""
        if (self.rows + 1) * self.width > self.array.size:
            self.array = np.concatenate([self.array, np.zeros_like(self.array)])
            self.address = address(self.array)
        start = self.rows * self.width
        self.array[start : start + self.width] = tuple(row)
        self.rows += 1
        return self.rows - 1


class PairTable:
    """An open hash from a pair of numbers to a number, in the form that ``hashing.find`` reads."""

    def __init__(self) -> None:
        self.array = self._empty(256)
        self.address = address(self.array)
        self.count = 0

    @staticmethod
    def _empty(places: int) -> NDArray[np.int64]:
        array = np.full(2 * places + 2, -1, np.int64)
        array[0] = places - 1
        return array

    def put(self, first: int, second: int, number: int) -> None:
        """Store ``number`` for a pair, if it has none yet."""
        places = int(self.array[0]) + 1
        if 2 * (self.count + 1) > places:
            old, self.array = self.array, self._empty(2 * places)
            move_pairs(old, self.array)
            self.address = address(self.array)
        self.count += insert(self.array, first << 32 | second, number)


class Numbering:
    """Numbers things in the order of their first appearance."""

    def __init__(self) -> None:
        self.numbers: dict[Hashable, int] = {}
        self.things: list[Any] = []

    def __call__(self, thing: Hashable) -> int:
        number = self.numbers.setdefault(thing, len(self.things))
        if number == len(self.things):
            self.things.append(thing)
        return number


class Domain:
    """The values that the components of one kind were seen to have, by their numbers in ``info``."""

    def __init__(self) -> None:
        self.values: list[int] = []


class StepTables:
    """Everything the search asks about one system's components and decision trees."""

    def __init__(self, execution: Execution, trees: tuple[DecisionTree, ...]) -> None:
        self.execution = execution
        self.layout = execution.layout
        self.trees = trees
        self.actors = len(self.layout.workers)
        self.connections = len(self.layout.ends)
        self.ports = max((len(worker._slots) for worker in self.layout.workers), default=0) or 1
        self.kinds = [*execution.kinds, *self._connection_kinds(), "budgets"]
        self.domains = {kind: Domain() for kind in self.kinds}
        self._members = {kind: number for number, kind in reversed(list(enumerate(self.kinds)))}

        self.values: list[Any] = []
        self.kind_of: list[Any] = []
        self._numbers: dict[tuple[Any, Hashable], int] = {}
        self._messages, self._timer_names, self._attributes = Numbering(), Numbering(), Numbering()
        self._outcomes, self._nodes = Numbering(), Numbering()
        self._classes = Numbering()
        self.fired: list[tuple[tuple[str, int], ...]] = []

        self.info = Column(code.ROW)
        self.choices, self.timers, self.masks = Column(2), Column(1), Column(1)
        self.outcomes, self.effects = Column(code.OUTCOME_ROW), Column(2)
        self.used = Column(1)
        self.nodes = Column(2)
        self.steps, self.operations = PairTable(), PairTable()
        self.classes, self.edges = PairTable(), PairTable()
        self.tree_rows = np.array(
            [
                number
                for tree in trees
                for number in (code.UNKNOWN, sought_truth(tree.property), tree.property.when == "quiescent")
            ],
            np.int32,
        )
        self._trees_address = address(self.tree_rows)
        self.wiring = self._wire()

    def memory(self) -> int:
        """Bytes of the tables, and about what stands behind them."""
        columns = (self.info, self.choices, self.timers, self.masks, self.outcomes, self.effects, self.used, self.nodes)
        pairs = (self.steps, self.operations, self.classes, self.edges)
        arrays = sum(each.array.nbytes for each in columns) + sum(each.array.nbytes for each in pairs)
        return arrays + _OBJECT_SIZE * (len(self.values) + sum(each.count for each in pairs))

    def lent(self) -> code.Tables:
        """The tables as they are now, for one call of the search."""
        columns = (self.info, self.choices, self.timers, self.masks, self.outcomes, self.effects, self.used, self.nodes)
        pairs = (self.steps, self.operations, self.classes, self.edges)
        first = (len(self.trees), *(each.address for each in columns), self._trees_address)
        return code.Tables._make([*first, *(each.address for each in pairs)])

    # Values.

    def value(self, component: int, thing: Hashable) -> int:
        """The number of a component's value."""
        kind = self.kinds[component]
        number = self._numbers.get((kind, thing))
        if number is None:
            number = self._numbers[kind, thing] = len(self.values)
            self.values.append(thing)
            self.kind_of.append(kind)
            domain = self.domains[kind].values
            self.info.append((len(domain), *self._columns(component, thing)))
            domain.append(number)
        return number

    def numbers(self, state: GlobalState) -> list[int]:
        """The values of all components in ``state``."""
        return [self.value(number, each) for number, each in enumerate(self._things(state))]

    @staticmethod
    def _things(state: GlobalState) -> tuple[Hashable, ...]:
        return (*state.snapshots, *state.connections, state.budgets)

    def state(self, numbers: list[int]) -> GlobalState:
        """The inverse of ``numbers``."""
        things = [self.values[each] for each in numbers]
        return GlobalState(tuple(things[: self.actors]), tuple(things[self.actors : -1]), things[-1])

    def _columns(self, component: int, thing: Any) -> tuple[int, ...]:
        if component < self.actors:
            return (code.UNKNOWN, 0, 0, 0, 0, self._actor_flags(component, thing), 0)
        if component == len(self.kinds) - 1:
            return (code.UNKNOWN, 0, 0, 0, 0, 0, 0)
        return self._connection_columns(thing)

    def _actor_flags(self, actor: int, snapshot: Snapshot) -> int:
        worker, initial = self.layout.workers[actor], self.execution._initial[actor]
        at_rest = is_at_rest(type(worker), initial, snapshot)
        return (code.AT_REST if at_rest else 0) | (code.CRASHED if is_crashed(snapshot) else 0)

    def _connection_columns(self, state: ConnectionState) -> tuple[int, ...]:
        heads = [-1 if (head := state.head(end)) is None else self._messages(head) for end in (0, 1)]
        flags = code.SOME_END_OPEN if any(state.open_ends) else 0
        for end in (0, 1):
            if isinstance(state.head(end), Opened) and not state.open_ends[end]:
                flags |= code.CONNECTING << end
        return (*heads, -1, -1, -1, -1, flags)

    # What is fixed.

    def _connection_kinds(self) -> list[Hashable]:
        def side(actor: int, port: int) -> Hashable:
            return self.execution.kinds[actor], self.layout.workers[actor]._slots[port].name

        return [(side(*first), side(*second)) for first, second in self.layout.ends]

    def _wire(self) -> code.Wiring:
        port = np.full((self.actors, self.ports, 4), -1, np.int32)
        for actor, wires in enumerate(self.layout.wires):
            for number, wire in enumerate(wires):
                if wire is not None:
                    port[actor, number] = (wire.connection, wire.end, wire.actor, wire.port)
        faults = self.execution.system.faults
        process: list[int] = []
        member: list[int] = []
        broken: list[int] = []
        for number, members in enumerate(self.execution._process_members):
            can_crash = bool(faults.crash) and number in self.execution._crashable
            cut_off = [
                (c, e) for c, pair in enumerate(self.layout.ends) for e, (a, _) in enumerate(pair) if a in members
            ]
            process += (can_crash, len(member) // 3, len(member) // 3 + len(members))
            process += (len(broken) // 2, len(broken) // 2 + len(cut_off))
            member += [number for actor in members for number in self._crash_values(actor, can_crash)]
            broken += [number for end in cut_off for number in end]
        ends = [number for pair in self.layout.ends for end in pair for number in end]
        lists = (self.execution._cuttable, process, member, broken)
        self._fixed: list[NDArray[Any]] = [port.ravel(), *(np.array(each, np.int32) for each in (ends, *lists))]
        sizes = (self.actors, self.connections, len(self.kinds), self.ports)
        counts = (len(self.execution._cuttable), len(self.execution._process_members))
        return code.Wiring(*sizes, *counts, *(address(each) for each in self._fixed))

    def _crash_values(self, actor: int, can_crash: bool) -> tuple[int, int, int]:
        if not can_crash:
            return actor, 0, 0
        initial = self.execution._initial[actor]
        return actor, self.value(actor, crashed_snapshot(initial)), self.value(actor, initial)

    # What was missing.

    def fill(self, miss: int, first: int, second: int, state: Callable[[], GlobalState]) -> None:
        """Add what the search missed; ``state`` gives the state that it was expanding."""
        if miss == code.MISS_ACTOR:
            self._fill_actor(first)
        elif miss == code.MISS_BUDGETS:
            self._fill_budgets(first)
        elif miss == code.MISS_STEP:
            self._fill_step(first, second)
        elif miss == code.MISS_OPERATION:
            self._fill_operation(first, second)
        else:
            self._fill_tree(first, state())

    def _representative(self, number: int) -> int:
        return self._members[self.kind_of[number]]

    def _fill_actor(self, number: int) -> None:
        actor, snapshot = self._representative(number), self.values[number]
        row = number * code.ROW
        reads, listens = self.execution.masks(actor, snapshot)
        self.info.array[row + code.MASKS] = self.masks.rows
        for is_read, listening in zip(reads, listens, strict=True):
            bits = code.READS if is_read else 0
            self.masks.append([bits | (code.WAITS if listening is None else code.LISTENS if listening else 0)])
        timers = [2 * self._timer_names(name) + 1 for name in snapshot.timers]
        self.info.array[row + code.TIMERS] = self.timers.rows
        for event in timers:
            self.timers.append([event])
        self.info.array[row + code.TIMERS_END] = self.timers.rows
        choices = [] if is_crashed(snapshot) else self._choices(actor, snapshot)
        self.info.array[row + code.CHOICES] = self.choices.rows
        for outcome, kind in choices:
            self.choices.append((outcome, kind))
        self.info.array[row + code.CHOICES_END] = self.choices.rows

    def _choices(self, actor: int, snapshot: Snapshot) -> list[tuple[int, int]]:
        """The tasks and decisions that are not refused here: their outcomes and kinds of action."""
        cls = type(self.layout.workers[actor])
        kinds = [(name, code.WORK) for name in cls._tasks] + [(name, code.CHOICE) for name in cls._decisions]
        found = []
        for name, kind in kinds:
            result = self.execution.local_step(actor, snapshot, Decide(name))
            if result.outcome in (Outcome.HANDLED, Outcome.ERROR):
                found.append((self._outcome(actor, result), kind))
        return found

    def _fill_budgets(self, number: int) -> None:
        left: Budgets = self.values[number]
        row = number * code.ROW
        flags = 0
        for kind, budget in enumerate(left):
            if budget:
                flags |= 1 << kind
                after = self.value(len(self.kinds) - 1, left._replace(**{left._fields[kind]: budget - 1}))
                self.info.array[row + code.BUDGET_AFTER + kind] = after
        self.info.array[row + code.BUDGET_FLAGS] = flags

    def _fill_step(self, number: int, event: int) -> None:
        actor = self._representative(number)
        given: Input
        if event & 1:
            given = Expire(self._timer_names.things[event >> 1])
        else:
            message, port = divmod(event >> 1, self.ports)
            given = Receive(port, self._messages.things[message])
        result = self.execution.local_step(actor, self.values[number], given)
        self.steps.put(number, event, self._outcome(actor, result))

    def _outcome(self, actor: int, result: Any) -> int:
        after = self.value(actor, result.snapshot)
        effects = tuple(self._effect(each) for each in result.outputs if isinstance(each, Send | Open | Close))
        cls = class_name(type(self.layout.workers[actor]))
        status = _STATUS[result.outcome]
        number = self._outcomes((status, after, effects, result.transitions))
        if number == self.outcomes.rows:
            start = self.effects.rows
            for effect in effects:
                self.effects.append(effect)
            self.outcomes.append((status, after, start, self.effects.rows))
            self.used.append([0])
            self.fired.append(tuple((cls, each) for each in result.transitions))
        return number

    def _effect(self, output: Output) -> tuple[int, int]:
        if isinstance(output, Send):
            return output.port, code.SEND + self._messages(output.message)
        assert isinstance(output, Open | Close)
        return output.port, code.OPEN if isinstance(output, Open) else code.CLOSE

    def _fill_operation(self, number: int, operation: int) -> None:
        component = self._representative(number)
        what, end = divmod(operation, 2)
        after = self._operate(component - self.actors, self.values[number], what, end)
        known = (
            (code.NO_ROOM if what >= code.SEND else code.NOT_FREE) if after is None else self.value(component, after)
        )
        row = number * code.ROW
        if what == code.RECEIVE:
            self.info.array[row + code.RECEIVED + end] = known
        elif what == code.REFUSE:
            self.info.array[row + code.REFUSED_AT + end] = known
        else:
            self.operations.put(number, operation, known)

    def _operate(self, connection: int, state: ConnectionState, what: int, end: int) -> ConnectionState | None:
        if what >= code.SEND:
            message: Message = self._messages.things[what - code.SEND]
            return transport.send_from(state, end, message, self.execution.system.bounds.queue)
        if what == code.OPEN:
            return transport.open_from(state, end)
        if what == code.CLOSE:
            return transport.close_from(state, end)
        if what == code.BREAK:
            return transport.crash_at(state, end)
        if what == code.CUT_OFF:
            return transport.cut(state)
        return transport.refuse_at(state, end) if what == code.REFUSE else self._receive(connection, state, end)

    def _receive(self, connection: int, state: ConnectionState, end: int) -> ConnectionState:
        connecting = isinstance(state.head(end), Opened) and not state.open_ends[end]
        after = transport.receive_at(state, end)
        actor, port = self.layout.ends[connection][1 - end]
        worker = self.layout.workers[actor]
        wants_notice = (worker._slots[port].name, Opened) in worker._receive_events
        return transport.accept_notice(after, end) if connecting and wants_notice else after

    def _fill_tree(self, tree: int, state: GlobalState) -> None:
        """Copy the path that ``state`` takes through a decision tree, which grows first if it must."""
        own = self.trees[tree]
        leaf = own.evaluate(state)
        things = self._things(state)
        place = own.root
        assert place is not None
        code_of = self._place(place)
        self.tree_rows[3 * tree] = code_of
        while isinstance(place, Node):
            component = place.component
            number = self.value(component, things[component])
            attribute = self._attributes((self.kinds[component], place.attribute))
            projected = own.project(component, place.attribute, things[component])
            kind = self._classes((attribute, projected))
            self.classes.put(number, attribute, kind)
            place = place.children.get(projected, leaf)
            before, code_of = code_of, self._place(place)
            self.edges.put(before, kind, code_of)

    def _place(self, place: Node | Leaf) -> int:
        if isinstance(place, Leaf):
            return _LEAVES[place.truth]
        number = self._nodes(place)
        if number == self.nodes.rows:
            attribute = self._attributes((self.kinds[place.component], place.attribute))
            self.nodes.append((place.component, attribute))
        return number
