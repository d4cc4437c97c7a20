"""The arrays that Python and the compiled search share: what each column of each table means."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
UInt64 = NDArray[np.uint64]

# ``info``: a row for each value of each component. LOCAL is its number within its domain.
ROW = 8
LOCAL = 0
# Of an actor's snapshot; CHOICES is UNKNOWN until the rest is known.
CHOICES, CHOICES_END, TIMERS, TIMERS_END, MASKS, ACTOR_FLAGS = 1, 2, 3, 4, 5, 6
AT_REST, CRASHED = 1, 2
# Of a connection; HEAD, RECEIVED and REFUSED_AT each for end 0 and end 1. CONNECTING is shifted by the end.
HEAD, RECEIVED, REFUSED_AT, CONNECTION_FLAGS = 1, 3, 5, 7
CONNECTING, SOME_END_OPEN = 1, 4
# Of the fault budgets; BUDGET_AFTER for each kind of fault, in the order of ``Budgets``.
BUDGET_FLAGS, BUDGET_AFTER = 1, 2
CUT, EARLY, CRASH, RESTART = 0, 1, 2, 3

# ``masks``: a number for each port of a snapshot.
READS, LISTENS, WAITS = 1, 2, 4

# ``outcomes``: what a local step comes to. STATUS is one of the first four; an action may also meet the others.
OUTCOME_ROW = 4
STATUS, AFTER, EFFECTS, EFFECTS_END = 0, 1, 2, 3
HANDLED, REFUSED, UNEXPECTED, ERROR = 0, 1, 2, 3
BOUND_QUEUE, BOUND_SLOT, MISSING = 4, 5, 6

# A table of pairs begins with its number of places - 1 and an unused item; a free place has -1 for its key.

# ``effects``: pairs (port, operation). The key of ``operations`` is an operation doubled, plus the end.
OPEN, CLOSE, BREAK, CUT_OFF, RECEIVE, REFUSE, SEND = 0, 1, 2, 3, 4, 5, 6
NO_ROOM, NOT_FREE = -2, -3  # in place of the connection's next value

# Places in a decision tree that are no node, and entries that are not known.
UNKNOWN, IS_FALSE, IS_TRUE, RAISES = -1, -2, -3, -4

# ``actions``: rows (kind, actor or -1, event, component or -1, its next value). An event is even for a message
# (2 * (message * ports + port)), odd for a timer, and -2 - outcome where the outcome is known already.
ACTION_ROW = 5
KIND, ACTOR, EVENT, COMPONENT, NEXT_VALUE = 0, 1, 2, 3, 4
WORK, CHOICE, EARLY_FAULT, CUT_FAULT, CRASH_FAULT, RESTART_FAULT = 0, 1, 2, 3, 4, 5

# ``control``: what persists from call to call.
(STATES, NEXT, TRANSITIONS, DEPTH, LEVEL_END, PEAK, BOUNDS, BUDGET, MAX_STATES, STATE_ROOM, PAUSE_AT_LEVEL,
 DEPTH_BOUND, MISS, MISS_A, MISS_B, STAMP, CONTROL_SIZE) = range(17)  # fmt: skip
BOUND_BITS = (("queue", 1), ("slot", 2), ("depth", 4))
QUEUE_BIT, SLOT_BIT, DEPTH_BIT = 1, 2, 4
NO_MISS, MISS_ACTOR, MISS_BUDGETS, MISS_STEP, MISS_OPERATION, MISS_TREE = 0, 1, 2, 3, 4, 5

# Why a call came back.
DONE, PAUSED, LEVEL, MISSED, NEEDS_STATES, NEEDS_ACTIONS, FULL = range(7)

# ``first``: the first state that decides each check: the built-in ones, each tree, then where each tree raised.
FIRST_DEADLOCK, FIRST_UNEXPECTED, FIRST_ERROR, FIRST_TREES = 0, 1, 2, 3

# ``summary``: what the actions of the state being expanded came to.
PROGRESS, CHOSEN, SAW_UNEXPECTED, SAW_ERROR, SAW_BOUND, SUMMARY_SIZE = 0, 1, 2, 3, 4, 5

#: Successors that are collected before the hash table is asked.
BATCH = 2048


# What the compiled functions are handed: addresses of arrays (see ``intrinsics``) and plain numbers. The comment
# says what an array holds; i32, i64 and u64 are its items.


class Packing(NamedTuple):
    """Where each component's field is, and which value (row of ``info``) each field content means."""

    word: int  # i64
    shift: int  # u64
    mask: int  # u64
    base: int  # i64: where the component's contents begin in ``value``
    value: int  # i32


class Wiring(NamedTuple):
    """What never changes: how many of everything, what ports lead to, who is at the ends, which faults there may be."""

    actors: int
    connections: int
    components: int
    ports: int  # of the actor that has most
    cuttables: int
    processes: int
    port: int  # i32, for each actor and port: connection or -1, end, peer actor or -1, peer port
    end: int  # i32, for each connection and end: actor, port
    cuttable: int  # i32
    process: int  # i32, for each process: may crash, first member, members' end, first broken end, ends' end
    member: int  # i32: actor, value when crashed, value when restarted
    broken: int  # i32: connection, end


class Tables(NamedTuple):
    """What local steps, operations on connections, and predicates are known to give."""

    tree_count: int
    info: int  # i32
    choices: int  # i32: outcome, kind of action
    timers: int  # i32: event
    masks: int  # i32
    outcomes: int  # i32
    effects: int  # i32
    used: int  # i32, for each outcome: some firing took it
    nodes: int  # i32, for each node of a decision tree: component, attribute
    trees: int  # i32, for each tree: root, truth sought, only quiescent states
    steps: int  # pairs (value, event) to outcome
    operations: int  # pairs (value, operation) to value
    classes: int  # pairs (value, attribute) to what the attribute is
    edges: int  # pairs (node, what the attribute is) to a place


class Store(NamedTuple):
    """The states found, their parents, and the hash table over them."""

    states: int  # u64
    parents: int  # u32
    table: int  # u64
    table_size: int


class Moment(NamedTuple):
    """The state being expanded, component by component, and the action being carried out. Arrays of i64."""

    now: int
    then: int
    mark: int  # the number of the last action that changed the component
    touched: int
    chain: int  # outcomes of the action's local steps
    frame_actor: int  # in-process calls under way
    frame_effect: int
    frame_end: int
    summary: int
    actions: int
    action_room: int


class Batch(NamedTuple):
    """Successors that were collected: packed, their hashes, parents."""

    rows: int  # u64
    hashes: int  # u64
    parents: int  # i64
    room: int
