"""Drives the compiled search: room for states, fields that grow, misses, limits, and the way back to a state."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from switchover.checks.built_in import NO_DEADLOCK, NO_ERROR, NO_UNEXPECTED_MESSAGE
from switchover.models.language import GlobalState
from switchover.models.language.execution import CALL_LIMIT

from . import layout as code
from .buffers import Buffer
from .findings import Findings, Task
from .hashing import hash_states, move_entries, repack
from .intrinsics import address
from .search import search
from .tables import StepTables

ENGINE = "explicit (kernel)"

#: Actions after which a call comes back, so that Ctrl-C and progress stay prompt (about 20 ms).
_BUDGET = 1 << 18
#: Calls, each for something missing, after which memory and progress are looked at all the same.
_CALLS = 64
_FIRST_ROOM = 1 << 14
_GROWTH = 2.0
_TABLE_GROWTH = 3.0
#: Entries of the hash table that may be in use.
_LOAD = 0.66
#: States are numbered in 32 bits, the table's entries from 1.
_MOST_STATES = (1 << 32) - 2


class _OutOfMemoryError(Exception):
    """The search would need more memory than it may use."""


class _Fields:
    """The arrays of a ``layout.Packing``; ``lent`` are their addresses."""

    def __init__(self, word: list[int], shift: list[int], bits: list[int], base: list[int], values: int) -> None:
        self.word, self.base = np.array(word, np.int64), np.array(base, np.int64)
        self.shift = np.array(shift, np.uint64)
        self.mask = np.array([(1 << each) - 1 for each in bits], np.uint64)
        self.value = np.zeros(values, np.int32)
        arrays: list[NDArray[Any]] = [self.word, self.shift, self.mask, self.base, self.value]
        self.lent = code.Packing(*(address(each) for each in arrays))


class _KernelSearch:
    def __init__(self, task: Task) -> None:
        self.task = task
        self.tables = StepTables(task.execution, task.trees)
        self.found = Findings(ENGINE, self.path)
        self.bits = dict.fromkeys(self.tables.domains, 0)
        self.words = 0
        self.initial = self.tables.numbers(task.execution.initial())
        self.fields = self._pack()
        self.first = np.full(code.FIRST_TREES + 2 * len(task.trees), -1, np.int64)
        self.control = self._control()
        self._control_address, self._first_address = address(self.control), address(self.first)
        self.action_room = 256
        self._calls = 0
        self._make_room()
        self.states = Buffer(_FIRST_ROOM * self.words, np.uint64)
        self.parents = Buffer(_FIRST_ROOM, np.uint32)
        self.table = Buffer(int(_FIRST_ROOM / _LOAD), np.uint64)
        for component, number in enumerate(self.initial):
            local = np.uint64(self.tables.info.array[number * code.ROW + code.LOCAL])
            self.states.array[self.fields.word[component]] |= local << self.fields.shift[component]
        hash_states(self.states.address, 1, self.words, self.table.array)

    def _control(self) -> code.Int64:
        control = np.zeros(code.CONTROL_SIZE, np.int64)
        limit, depth = self.task.limits.max_states, self.task.execution.system.bounds.depth
        control[code.STATES] = control[code.LEVEL_END] = control[code.PEAK] = 1
        control[code.MAX_STATES] = _MOST_STATES if limit is None else min(limit, _MOST_STATES)
        control[code.DEPTH_BOUND] = -1 if depth is None else depth
        control[code.PAUSE_AT_LEVEL] = bool(self.task.watched)
        return control

    def _make_room(self) -> None:
        """Scratch for one state's actions and for one batch of successors."""
        components, calls = len(self.tables.kinds), CALL_LIMIT + 2
        sizes = (*[components] * 4, *[calls] * 4, code.SUMMARY_SIZE, code.ACTION_ROW * self.action_room)
        self.moment = tuple(np.zeros(size, np.int64) for size in sizes)
        self.batch_room = code.BATCH + self.action_room * 2
        rows, hashes, parents = self.batch_room * self.words, self.batch_room, self.batch_room
        self.batch = (np.zeros(rows, np.uint64), np.zeros(hashes, np.uint64), np.zeros(parents, np.int64))
        self.lent_moment = code.Moment._make([*(address(each) for each in self.moment), self.action_room])
        self.lent_batch = code.Batch._make([*(address(each) for each in self.batch), self.batch_room])

    # Packing.

    def _pack(self) -> _Fields:
        """Give every component a field wide enough for its domain; fields do not cross words."""
        for kind, domain in self.tables.domains.items():
            self.bits[kind] = max(self.bits[kind], (len(domain.values) - 1).bit_length())
        free: list[int] = [64] * self.words
        word, shift = [], []
        for kind in self.tables.kinds:
            bits = self.bits[kind]
            place = next((number for number, left in enumerate(free) if left > bits), len(free))
            if place == len(free):
                free.append(64)
            word.append(place)
            shift.append(64 - free[place])
            free[place] -= bits
        self.words = len(free)
        self._bases, total = dict.fromkeys(self.bits, 0), 0
        for kind, bits in self.bits.items():
            self._bases[kind], total = total, total + (1 << bits)
        self._filled = dict.fromkeys(self.bits, 0)
        kinds = self.tables.kinds
        return _Fields(word, shift, [self.bits[kind] for kind in kinds], [self._bases[kind] for kind in kinds], total)

    def _adapt_packing(self) -> None:
        """Make room in the states for values that appeared since the last call."""
        if any(len(domain.values) > 1 << self.bits[kind] for kind, domain in self.tables.domains.items()):
            old, old_words = self.fields, self.words
            self.fields = self._pack()
            if self.words > old_words:
                self._resize_states(self.parents.size)
                self._make_room()
            count, content = int(self.control[code.STATES]), np.zeros(len(self.tables.kinds), np.uint64)
            repack(self.states.address, count, old_words, old.lent, self.words, self.fields.lent, content)
            self._new_table(self.table.size, moving=False)
        for kind, domain in self.tables.domains.items():
            done, start = self._filled[kind], self._bases[kind]
            if done < len(domain.values):
                self.fields.value[start + done : start + len(domain.values)] = domain.values[done:]
                self._filled[kind] = len(domain.values)

    # Memory.

    def memory(self) -> int:
        """Bytes in use."""
        arrays: list[Any] = [self.states, self.parents, self.table, self.fields.value, *self.moment, *self.batch]
        return int(sum(each.nbytes for each in arrays)) + self.tables.memory()

    def _resize_states(self, room: int) -> None:
        extra = (room * self.words * 8 - self.states.nbytes) + (room - self.parents.size) * 4
        self._require(extra)
        self.states.resize(room * self.words)
        self.parents.resize(room)

    def _new_table(self, size: int, moving: bool) -> None:
        """A hash table of ``size``; ``moving``: the states, hence their hashes, are as before."""
        self._require(8 * size if moving else 8 * (size - self.table.size))
        if moving:
            old, self.table = self.table, Buffer(size, np.uint64)
            move_entries(old.array, self.table.array)
        else:
            self.table = Buffer(0, np.uint64)
            self.table = Buffer(size, np.uint64)
            hash_states(self.states.address, int(self.control[code.STATES]), self.words, self.table.array)

    def _require(self, extra: int) -> None:
        if self.memory() + extra > self.task.max_memory:
            raise _OutOfMemoryError

    def _grow(self) -> None:
        needed = int(self.control[code.STATES]) + self.batch_room
        if needed > self.parents.size:
            self._resize_states(max(needed, int(self.parents.size * _GROWTH)))
        if needed > self.table.size * _LOAD:
            self._new_table(max(int(needed / _LOAD) + 1, int(self.table.size * _TABLE_GROWTH)), moving=True)

    # The search.

    def run(self) -> Findings:
        """Search to the end, or to the first limit."""
        try:
            while not self.found.stopped and self._call():
                pass
        except KeyboardInterrupt:
            self.found.stopped = "interrupted"
        except (_OutOfMemoryError, MemoryError):
            self.found.stopped = "max_memory"
        self._collect()
        return self.found

    def _call(self) -> bool:
        self._adapt_packing()
        control = self.control
        control[code.BUDGET] = _BUDGET
        control[code.STATE_ROOM] = min(self.parents.size, int(self.table.size * _LOAD))
        why = self._search()
        if why == code.MISSED:
            miss, first, second = (int(each) for each in control[code.MISS : code.MISS_B + 1])
            self.tables.fill(miss, first, second, lambda: self.state(int(control[code.NEXT])))
        elif why == code.NEEDS_STATES:
            self._grow()
        elif why == code.NEEDS_ACTIONS:
            self.action_room *= 2
            self._make_room()
        elif why == code.FULL:
            self.found.stopped = "max_states"
        elif why == code.LEVEL and self.task.is_settled(set(self._first_states())):
            self.found.stopped = "settled"
        self._calls += 1
        if why == code.PAUSED or self._calls % _CALLS == 0:
            self._report()
        return why != code.DONE

    def _search(self) -> int:
        store = code.Store(self.states.address, self.parents.address, self.table.address, self.table.size)
        lent = (self.fields.lent, self.tables.wiring, self.tables.lent(), store, self.lent_moment, self.lent_batch)
        return int(search(self._control_address, self.words, *lent, self._first_address))

    def _report(self) -> None:
        if self.memory() > self.task.max_memory:
            raise _OutOfMemoryError
        states, transitions, depth = (int(self.control[each]) for each in (code.STATES, code.TRANSITIONS, code.DEPTH))
        frontier = states - int(self.control[code.NEXT])
        self.task.report(states, transitions, depth, frontier, self.memory())

    # What was found.

    def _first_states(self) -> dict[str, int]:
        names = [NO_DEADLOCK, NO_UNEXPECTED_MESSAGE, NO_ERROR, *(tree.property.name for tree in self.task.trees)]
        return {name: int(number) for name, number in zip(names, self.first, strict=False) if number >= 0}

    def _collect(self) -> None:
        found, control = self.found, self.control
        found.states = int(control[code.STATES])
        found.transitions = int(control[code.TRANSITIONS])
        found.depth = int(control[code.DEPTH])
        found.frontier_peak = int(control[code.PEAK])
        found.memory = self.memory()
        found.bounds_hit = {name for name, bit in code.BOUND_BITS if int(control[code.BOUNDS]) & bit}
        found.first = self._first_states()
        raised = self.first[code.FIRST_TREES + len(self.task.trees) :]
        for tree, number in zip(self.task.trees, raised, strict=True):
            if number >= 0:
                leaf = tree.evaluate(self.state(int(number)))
                found.errors[tree.property.name] = (int(number), leaf.error)
        for number in np.flatnonzero(self.tables.used.array[: self.tables.used.rows]):
            found.fired.update(self.tables.fired[number])

    def state(self, number: int) -> GlobalState:
        """The state of this number."""
        start, packing = number * self.words, self.fields
        numbers = []
        for component in range(packing.word.size):
            content = self.states.array[start + packing.word[component]] >> packing.shift[component]
            numbers.append(int(packing.value[packing.base[component] + np.int64(content & packing.mask[component])]))
        return self.tables.state(numbers)

    def path(self, number: int) -> list[GlobalState]:
        states = [self.state(number)]
        while number:
            number = int(self.parents.array[number])
            states.append(self.state(number))
        return states[::-1]


def search_by_kernel(task: Task) -> Findings:
    """Explore ``task`` with the compiled search."""
    return _KernelSearch(task).run()
