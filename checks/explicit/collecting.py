"""Compiled: which actions are worth trying in the state being expanded, in the order of ``Execution.candidates``.

Each function adds to ``actions`` from row ``count`` on and returns the new count; MISSED when a table lacks
something (what, is in ``control``); FULL when the actions do not fit.
"""

from __future__ import annotations

from . import layout as code
from .hashing import find
from .intrinsics import i32, i64, inlined, set64
from .layout import (
    ACTOR,
    COMPONENT,
    CONNECTING,
    CONNECTION_FLAGS,
    CRASHED,
    EVENT,
    HEAD,
    KIND,
    LISTENS,
    MASKS,
    MISS,
    MISS_A,
    MISS_B,
    NEXT_VALUE,
    READS,
    ROW,
    WAITS,
    Moment,
    Tables,
    Wiring,
)

MISSED, FULL = -1, -2


@inlined
def missed(control: int, what: int, first: int, second: int) -> int:
    """Note what a table lacks."""
    set64(control, MISS, what)
    set64(control, MISS_A, first)
    set64(control, MISS_B, second)
    return MISSED


@inlined
def add(moment: Moment, count: int, kind: int, actor: int, event: int, component: int, after: int) -> int:
    """Add one action, if it fits."""
    actions, row = moment.actions, code.ACTION_ROW * count
    if count < 0 or count >= moment.action_room:
        return FULL if count >= 0 else count
    set64(actions, row + KIND, kind)
    set64(actions, row + ACTOR, actor)
    set64(actions, row + EVENT, event)
    set64(actions, row + COMPONENT, component)
    set64(actions, row + NEXT_VALUE, after)
    return count + 1


@inlined
def add_deliveries(control: int, wiring: Wiring, tables: Tables, moment: Moment) -> int:
    """What is at the head of a queue and is read, or may be accepted or refused, at its end."""
    actors, connections, ports = wiring.actors, wiring.connections, wiring.ports
    info, count = tables.info, 0
    for c in range(connections):
        row = i64(moment.now, actors + c) * ROW
        for end in range(2):
            head = i32(info, row + HEAD + end)
            if head < 0:
                continue
            actor = i32(wiring.end, 4 * c + 2 * end)
            port = i32(wiring.end, 4 * c + 2 * end + 1)
            actor_row = i64(moment.now, actor) * ROW
            mask = i32(tables.masks, i32(info, actor_row + MASKS) + port)
            column, operation = code.RECEIVED, code.RECEIVE
            if i32(info, row + CONNECTION_FLAGS) & (CONNECTING << end):
                if mask & WAITS:
                    continue
                if not mask & LISTENS:
                    column, operation = code.REFUSED_AT, code.REFUSE
            elif not mask & READS:
                continue
            after = i32(info, row + column + end)
            if after < 0:
                return missed(control, code.MISS_OPERATION, i64(moment.now, actors + c), 2 * operation + end)
            handled = column == code.RECEIVED and not i32(info, actor_row + code.ACTOR_FLAGS) & CRASHED
            who = actor if handled else -1
            count = add(moment, count, code.WORK, who, 2 * (head * ports + port), actors + c, after)
    return count


@inlined
def add_choices(wiring: Wiring, tables: Tables, moment: Moment, count: int) -> int:
    """Tasks and decisions that their actors do not refuse."""
    for actor in range(wiring.actors):
        row = i64(moment.now, actor) * ROW
        for choice in range(i32(tables.info, row + code.CHOICES), i32(tables.info, row + code.CHOICES_END)):
            known = -2 - i32(tables.choices, 2 * choice)
            count = add(moment, count, i32(tables.choices, 2 * choice + 1), actor, known, -1, 0)
    return count


@inlined
def add_timers(
    wiring: Wiring, tables: Tables, moment: Moment, count: int, kind: int, component: int, after: int
) -> int:
    """Armed timers, as what happens (kind WORK) or as faults, which change the budgets."""
    for actor in range(wiring.actors):
        row = i64(moment.now, actor) * ROW
        for timer in range(i32(tables.info, row + code.TIMERS), i32(tables.info, row + code.TIMERS_END)):
            count = add(moment, count, kind, actor, i32(tables.timers, timer), component, after)
    return count


@inlined
def add_cuts(control: int, wiring: Wiring, tables: Tables, moment: Moment, count: int) -> int:
    """Connections that may break: those with an open end."""
    actors = wiring.actors
    for j in range(wiring.cuttables):
        c = i32(wiring.cuttable, j)
        value = i64(moment.now, actors + c)
        if i32(tables.info, value * ROW + CONNECTION_FLAGS) & code.SOME_END_OPEN:
            after = find(tables.operations, value, 2 * code.CUT_OFF)
            if after < 0:
                return missed(control, code.MISS_OPERATION, value, 2 * code.CUT_OFF)
            count = add(moment, count, code.CUT_FAULT, -1, 0, actors + c, after)
    return count


@inlined
def add_process_faults(wiring: Wiring, tables: Tables, moment: Moment, flags: int, count: int) -> int:
    """Processes that may crash, or that are down and may start again."""
    process, member = wiring.process, wiring.member
    for p in range(wiring.processes):
        first, end = i32(process, 5 * p + 1), i32(process, 5 * p + 2)
        is_down = False
        if first < end:
            value = i64(moment.now, i32(member, 3 * first))
            is_down = (i32(tables.info, value * ROW + code.ACTOR_FLAGS) & CRASHED) != 0
        if not is_down and flags & (1 << code.CRASH) and i32(process, 5 * p):
            count = add(moment, count, code.CRASH_FAULT, -1, p, -1, 0)
        if is_down and flags & (1 << code.RESTART):
            count = add(moment, count, code.RESTART_FAULT, -1, p, -1, 0)
    return count


@inlined
def add_faults(control: int, wiring: Wiring, tables: Tables, moment: Moment, count: int) -> int:
    """Faults for which there is budget left."""
    budgets = wiring.components - 1
    row = i64(moment.now, budgets) * ROW
    flags = i32(tables.info, row + code.BUDGET_FLAGS)
    if flags == 0 or count < 0:
        return count
    if flags & (1 << code.EARLY):
        after = i32(tables.info, row + code.BUDGET_AFTER + code.EARLY)
        count = add_timers(wiring, tables, moment, count, code.EARLY_FAULT, budgets, after)
    if flags & (1 << code.CUT):
        count = add_cuts(control, wiring, tables, moment, count)
    return add_process_faults(wiring, tables, moment, flags, count)
