"""The compiled search: breadth first over packed states, by look-ups in tables that Python fills on demand.

It knows components, tables and decision trees, and nothing of what they stand for. Every value of a component
(an actor's snapshot, a connection's contents, the fault budgets) has a number, its row in ``info``; a state
packs the components' numbers within their domains into a few 64-bit words. Whatever is not in a table yet
ends the call as a *miss*; the caller fills it in and calls again, and the state is expanded anew.

Successors are collected in batches before the hash table is asked for any of them, and what will be looked at is
fetched ahead, so that the processor waits for many cache misses at once. Equal hashes are never taken for
equal states: the words are compared.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import layout as code
from .acting import carry_out
from .collecting import FULL, add_choices, add_deliveries, add_faults, add_timers, missed
from .hashing import find, hash_words, home
from .intrinsics import compiled, i32, i64, inlined, prefetch, set32, set64, u64
from .layout import (
    BATCH,
    BOUNDS,
    DEPTH_BIT,
    FIRST_TREES,
    LEVEL_END,
    MISSED,
    NEXT,
    PROGRESS,
    ROW,
    SAW_BOUND,
    SAW_ERROR,
    SAW_UNEXPECTED,
    STATES,
    Batch,
    Moment,
    Packing,
    Store,
    Tables,
    Wiring,
)


@inlined
def unpack(
    control: int, packing: Packing, wiring: Wiring, tables: Tables, states: int, start: int, moment: Moment
) -> bool:
    """Read the state at word ``start`` into ``moment``; whether the tables describe all of its values."""
    now, components, actors = moment.now, wiring.components, wiring.actors
    for i in range(components):
        content = (u64(states, start + i64(packing.word, i)) >> u64(packing.shift, i)) & u64(packing.mask, i)
        value = i32(packing.value, i64(packing.base, i) + np.int64(content))
        set64(now, i, value)
        set64(moment.then, i, value)
    for i in range(actors):
        if i32(tables.info, i64(now, i) * ROW + code.CHOICES) < 0:
            missed(control, code.MISS_ACTOR, i64(now, i), 0)
            return False
    if i32(tables.info, i64(now, components - 1) * ROW + code.BUDGET_FLAGS) < 0:
        missed(control, code.MISS_BUDGETS, i64(now, components - 1), 0)
        return False
    return True


@inlined
def add_successor(
    packing: Packing,
    tables: Tables,
    store: Store,
    moment: Moment,
    batch: Batch,
    count: int,
    words: int,
    s: int,
    changes: int,
) -> None:
    """Pack what the action made of state ``s`` into row ``count`` of the batch, and fetch its place in the table."""
    rows, start = batch.rows, count * words
    for j in range(words):
        set64(rows, start + j, u64(store.states, s * words + j))
    for j in range(changes):
        i = i64(moment.touched, j)
        word, shift = start + i64(packing.word, i), u64(packing.shift, i)
        field = np.uint64(i32(tables.info, i64(moment.then, i) * ROW + code.LOCAL))
        set64(rows, word, (u64(rows, word) & ~(u64(packing.mask, i) << shift)) | (field << shift))
    mixed = hash_words(rows, start, words)
    set64(batch.hashes, count, mixed)
    set64(batch.parents, count, s)
    prefetch(store.table, np.int64(home(mixed, np.uint64(store.table_size))))


@inlined
def note(summary: int, kind: int, status: int) -> None:
    """Enter an action that is not refused into the summary of its state."""
    if kind == code.WORK:
        set64(summary, PROGRESS, 1)
    elif kind == code.CHOICE:
        set64(summary, code.CHOSEN, 1)
    if status == code.UNEXPECTED:
        set64(summary, SAW_UNEXPECTED, 1)
    elif status == code.ERROR:
        set64(summary, SAW_ERROR, 1)
    elif status == code.BOUND_QUEUE:
        set64(summary, SAW_BOUND, i64(summary, SAW_BOUND) | code.QUEUE_BIT)
    elif status == code.BOUND_SLOT:
        set64(summary, SAW_BOUND, i64(summary, SAW_BOUND) | code.SLOT_BIT)


@inlined
def expand(
    control: int,
    words: int,
    packing: Packing,
    wiring: Wiring,
    tables: Tables,
    store: Store,
    moment: Moment,
    batch: Batch,
    s: int,
    count: int,
    is_last: bool,
) -> int:
    """Add the successors of state ``s`` to the batch of ``count``: the new count, MISSED or FULL."""
    summary = moment.summary
    for j in range(code.SUMMARY_SIZE):
        set64(summary, j, 0)
    if not unpack(control, packing, wiring, tables, store.states, s * words, moment):
        return -1
    for phase in range(2):
        if phase == 0:
            known = add_deliveries(control, wiring, tables, moment)
            if known >= 0:
                known = add_choices(wiring, tables, moment, known)
            known = add_faults(control, wiring, tables, moment, known)
        else:
            known = add_timers(wiring, tables, moment, 0, code.WORK, -1, 0)
        if known < 0:
            return known
        for action in range(known):
            row = code.ACTION_ROW * action
            status, changes, length = carry_out(control, wiring, tables, moment, row)
            if status == code.HANDLED:
                add_successor(packing, tables, store, moment, batch, count, words, s, changes)
                count += 1
                if not is_last:
                    for j in range(length):
                        set32(tables.used, i64(moment.chain, j), 1)
            for j in range(changes):
                i = i64(moment.touched, j)
                set64(moment.then, i, i64(moment.now, i))
            if status == code.MISSING:
                return -1
            if status != code.REFUSED:
                note(summary, i64(moment.actions, row + code.KIND), status)
        # A timer fires only when nothing else is under way.
        if i64(summary, PROGRESS):
            break
    return count


@inlined
def walk(tables: Tables, moment: Moment, place: int) -> int:
    """Where a decision tree leads in the state being expanded: a leaf, or UNKNOWN."""
    while place >= 0:
        value = i64(moment.now, i32(tables.nodes, 2 * place))
        kind = find(tables.classes, value, i32(tables.nodes, 2 * place + 1))
        place = code.UNKNOWN if kind < 0 else find(tables.edges, place, kind)
    return place


@inlined
def judge(control: int, tables: Tables, moment: Moment, first: int, s: int) -> bool:
    """Ask the decision trees that are still open about state ``s``; False when one does not know."""
    trees = tables.tree_count
    for t in range(trees):
        if i64(first, FIRST_TREES + t) >= 0 or (i32(tables.trees, 3 * t + 2) and i64(moment.summary, PROGRESS)):
            continue
        leaf = walk(tables, moment, i32(tables.trees, 3 * t))
        if leaf == code.UNKNOWN:
            missed(control, code.MISS_TREE, t, 0)
            return False
        if leaf == code.RAISES:
            if i64(first, FIRST_TREES + trees + t) < 0:
                set64(first, FIRST_TREES + trees + t, s)
        elif (leaf == code.IS_TRUE) == (i32(tables.trees, 3 * t + 1) != 0):
            set64(first, FIRST_TREES + t, s)
    return True


@inlined
def is_deadlock(wiring: Wiring, tables: Tables, moment: Moment) -> bool:
    """Whether nothing but faults can happen in the state just expanded, and work is left."""
    summary, actors = moment.summary, wiring.actors
    if i64(summary, PROGRESS) or i64(summary, code.CHOSEN) or i64(summary, SAW_BOUND):
        return False
    for i in range(actors):
        if not i32(tables.info, i64(moment.now, i) * ROW + code.ACTOR_FLAGS) & code.AT_REST:
            return True
    for i in range(actors, wiring.components - 1):
        row = i64(moment.now, i) * ROW
        if i32(tables.info, row + code.HEAD) >= 0 or i32(tables.info, row + code.HEAD + 1) >= 0:
            return True
    return False


@inlined
def conclude(control: int, wiring: Wiring, tables: Tables, moment: Moment, first: int, s: int, is_last: bool) -> None:
    """Enter what was seen in state ``s`` into the findings."""
    summary = moment.summary
    if i64(first, code.FIRST_DEADLOCK) < 0 and is_deadlock(wiring, tables, moment):
        set64(first, code.FIRST_DEADLOCK, s)
    set64(control, BOUNDS, i64(control, BOUNDS) | i64(summary, SAW_BOUND))
    if is_last:
        if i64(summary, SAW_UNEXPECTED) or i64(summary, SAW_ERROR):
            set64(control, BOUNDS, i64(control, BOUNDS) | DEPTH_BIT)
        return
    if i64(summary, SAW_UNEXPECTED) and i64(first, code.FIRST_UNEXPECTED) < 0:
        set64(first, code.FIRST_UNEXPECTED, s)
    if i64(summary, SAW_ERROR) and i64(first, code.FIRST_ERROR) < 0:
        set64(first, code.FIRST_ERROR, s)


@inlined
def is_same(states: int, start: int, rows: int, row: int, words: int) -> bool:
    """Whether a state's words are those of a row."""
    equal = True
    for j in range(words):
        equal &= u64(states, start + j) == u64(rows, row + j)
    return equal


@inlined
def store_new(control: int, words: int, store: Store, batch: Batch, count: int, is_last: bool) -> bool:
    """Store those of the batch that are new, in its order; False when there may be no more states."""
    states, parents, table = store.states, store.parents, store.table
    rows, size, low = batch.rows, np.uint64(store.table_size), np.uint64(0xFFFFFFFF)
    for k in range(count):
        mixed = u64(batch.hashes, k)
        entry = u64(table, np.int64(home(mixed, size)))
        if entry != np.uint64(0) and entry >> np.uint64(32) == mixed >> np.uint64(32):
            prefetch(states, np.int64((entry & low) - np.uint64(1)) * words)
    n = i64(control, STATES)
    for k in range(count):
        tag = u64(batch.hashes, k) >> np.uint64(32)
        slot: Any = np.int64(home(u64(batch.hashes, k), size))
        while True:
            entry = u64(table, slot)
            if entry == np.uint64(0):
                if is_last:
                    set64(control, BOUNDS, i64(control, BOUNDS) | DEPTH_BIT)
                    break
                if n >= i64(control, code.MAX_STATES):
                    return False
                for j in range(words):
                    set64(states, n * words + j, u64(rows, k * words + j))
                set32(parents, n, i64(batch.parents, k))
                n += 1
                set64(table, slot, (tag << np.uint64(32)) | np.uint64(n))
                set64(control, STATES, n)
                break
            other: Any = np.int64((entry & low) - np.uint64(1)) * words
            if entry >> np.uint64(32) == tag and is_same(states, other, rows, k * words, words):
                break
            slot += 1
            if slot == store.table_size:
                slot = 0
    return True


@inlined
def next_level(control: int) -> bool:
    """Step to the next breadth-first level, if there is one."""
    s, n = i64(control, NEXT), i64(control, STATES)
    if s == n:
        return False
    set64(control, code.DEPTH, i64(control, code.DEPTH) + 1)
    set64(control, LEVEL_END, n)
    set64(control, code.PEAK, max(i64(control, code.PEAK), n - s))
    return True


@compiled
def search(
    control: int,
    words: int,
    packing: Packing,
    wiring: Wiring,
    tables: Tables,
    store: Store,
    moment: Moment,
    batch: Batch,
    first: int,
) -> int:
    """Expand states until the budget of this call is used up or something is missing; says why it came back."""
    room = batch.room
    while True:
        if i64(control, NEXT) == i64(control, LEVEL_END):
            if not next_level(control):
                return code.DONE
            if i64(control, code.PAUSE_AT_LEVEL):
                return code.LEVEL
        if i64(control, code.BUDGET) <= 0:
            return code.PAUSED
        if i64(control, STATES) + room > i64(control, code.STATE_ROOM):
            return code.NEEDS_STATES
        is_last = i64(control, code.DEPTH) == i64(control, code.DEPTH_BOUND)
        s, level_end, count, reason = i64(control, NEXT), i64(control, LEVEL_END), 0, code.DONE
        while s < level_end and count < BATCH:
            after = expand(control, words, packing, wiring, tables, store, moment, batch, s, count, is_last)
            if after < 0:
                reason = code.NEEDS_ACTIONS if after == FULL else MISSED
                break
            if not judge(control, tables, moment, first, s):
                reason = MISSED
                break
            conclude(control, wiring, tables, moment, first, s, is_last)
            if not is_last:
                set64(control, code.TRANSITIONS, i64(control, code.TRANSITIONS) + after - count)
            count = after
            s += 1
        if not store_new(control, words, store, batch, count, is_last):
            return code.FULL
        set64(control, NEXT, s)
        set64(control, code.BUDGET, i64(control, code.BUDGET) - count + 1)
        if reason != code.DONE:
            return reason
