"""Compiled: carries one action out on the components that it touches, in-process calls included."""

from __future__ import annotations

from switchover.models.language.execution import CALL_LIMIT

from . import layout as code
from .collecting import missed
from .hashing import find
from .intrinsics import i32, i64, inlined, set64
from .layout import ERROR, HANDLED, MISSING, OUTCOME_ROW, REFUSED, ROW, STAMP, Moment, Tables, Wiring


@inlined
def change(moment: Moment, component: int, value: int, stamp: int, changes: int) -> int:
    """Give a component its next value; the number of components touched so far."""
    set64(moment.then, component, value)
    if i64(moment.mark, component) == stamp:
        return changes
    set64(moment.mark, component, stamp)
    set64(moment.touched, changes, component)
    return changes + 1


@inlined
def operate(control: int, tables: Tables, moment: Moment, component: int, operation: int) -> int:
    """The next value of a connection; NO_ROOM, NOT_FREE, or UNKNOWN with the miss noted."""
    value = i64(moment.then, component)
    after = find(tables.operations, value, operation)
    if after == code.UNKNOWN:
        missed(control, code.MISS_OPERATION, value, operation)
    return after


@inlined
def crash(
    control: int, wiring: Wiring, tables: Tables, moment: Moment, process: int, stamp: int, changes: int
) -> tuple[int, int]:
    """Break every connection of a process: the status, the number of components touched."""
    actors = wiring.actors
    for j in range(i32(wiring.process, 5 * process + 3), i32(wiring.process, 5 * process + 4)):
        component = actors + i32(wiring.broken, 2 * j)
        after = operate(control, tables, moment, component, 2 * code.BREAK + i32(wiring.broken, 2 * j + 1))
        if after < 0:
            return MISSING, changes
        changes = change(moment, component, after, stamp, changes)
    return HANDLED, changes


@inlined
def suffer(
    control: int, wiring: Wiring, tables: Tables, moment: Moment, kind: int, process: int, stamp: int, changes: int
) -> tuple[int, int]:
    """A cut, crash or restart: the status, the number of components touched."""
    budgets = wiring.components - 1
    fault = code.CUT if kind == code.CUT_FAULT else code.CRASH if kind == code.CRASH_FAULT else code.RESTART
    left = i32(tables.info, i64(moment.now, budgets) * ROW + code.BUDGET_AFTER + fault)
    changes = change(moment, budgets, left, stamp, changes)
    if fault == code.CUT:
        return HANDLED, changes
    column = 1 if fault == code.CRASH else 2
    for j in range(i32(wiring.process, 5 * process + 1), i32(wiring.process, 5 * process + 2)):
        changes = change(moment, i32(wiring.member, 3 * j), i32(wiring.member, 3 * j + column), stamp, changes)
    if fault == code.CRASH:
        return crash(control, wiring, tables, moment, process, stamp, changes)
    return HANDLED, changes


@inlined
def run_steps(
    control: int, wiring: Wiring, tables: Tables, moment: Moment, actor: int, event: int, stamp: int, changes: int
) -> tuple[int, int, int]:
    """A local step and the in-process calls it makes, each within it: status, components touched, steps taken."""
    actors, ports = wiring.actors, wiring.ports
    outcomes, then = tables.outcomes, moment.then
    depth, length, is_entering = 0, 0, True
    while True:
        if is_entering:
            if length > CALL_LIMIT:
                return ERROR, changes, length
            outcome = -2 - event if event <= -2 else find(tables.steps, i64(then, actor), event)
            if outcome < 0:
                missed(control, code.MISS_STEP, i64(then, actor), event)
                return MISSING, changes, length
            set64(moment.chain, length, outcome)
            length += 1
            row = OUTCOME_ROW * outcome
            status = i32(outcomes, row + code.STATUS)
            if status != HANDLED:
                return (ERROR if status == REFUSED and depth > 0 else status), changes, length
            changes = change(moment, actor, i32(outcomes, row + code.AFTER), stamp, changes)
            set64(moment.frame_actor, depth, actor)
            set64(moment.frame_effect, depth, i32(outcomes, row + code.EFFECTS))
            set64(moment.frame_end, depth, i32(outcomes, row + code.EFFECTS_END))
            is_entering = False
        effect = i64(moment.frame_effect, depth)
        if effect == i64(moment.frame_end, depth):
            if depth == 0:
                return HANDLED, changes, length
            depth -= 1
            continue
        set64(moment.frame_effect, depth, effect + 1)
        operation = i32(tables.effects, 2 * effect + 1)
        wire = 4 * (i64(moment.frame_actor, depth) * ports + i32(tables.effects, 2 * effect))
        connection, peer = i32(wiring.port, wire), i32(wiring.port, wire + 2)
        if connection >= 0:
            component = actors + connection
            after = operate(control, tables, moment, component, 2 * operation + i32(wiring.port, wire + 1))
            if after < 0:
                if after == code.UNKNOWN:
                    return MISSING, changes, length
                return (code.BOUND_QUEUE if after == code.NO_ROOM else code.BOUND_SLOT), changes, length
            changes = change(moment, component, after, stamp, changes)
        elif peer < 0:
            return ERROR, changes, length
        elif not i32(tables.info, i64(then, peer) * ROW + code.ACTOR_FLAGS) & code.CRASHED:
            actor = peer
            event = 2 * ((operation - code.SEND) * ports + i32(wiring.port, wire + 3))
            depth += 1
            is_entering = True


@inlined
def carry_out(control: int, wiring: Wiring, tables: Tables, moment: Moment, row: int) -> tuple[int, int, int]:
    """One action: its status, the number of components that it touched, and of local steps that it took."""
    actions = moment.actions
    stamp = i64(control, STAMP) + 1
    set64(control, STAMP, stamp)
    changes, kind, actor = 0, i64(actions, row + code.KIND), i64(actions, row + code.ACTOR)
    component = i64(actions, row + code.COMPONENT)
    if component >= 0:
        changes = change(moment, component, i64(actions, row + code.NEXT_VALUE), stamp, changes)
    if kind >= code.CUT_FAULT:
        process = i64(actions, row + code.EVENT)
        status, changes = suffer(control, wiring, tables, moment, kind, process, stamp, changes)
        return status, changes, 0
    if actor < 0:
        return HANDLED, changes, 0
    return run_steps(control, wiring, tables, moment, actor, i64(actions, row + code.EVENT), stamp, changes)
