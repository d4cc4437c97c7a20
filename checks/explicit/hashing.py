"""Hash tables of the compiled search: pairs of numbers, and states with their packing."""

from __future__ import annotations

from typing import Any

import numpy as np

from .intrinsics import compiled, i64, inlined, set64, u64
from .layout import Int64, Packing, UInt64

#: An unsigned 64-bit number, which mixes with no other kind.
Word = Any

_FACTOR: Word = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio: spreads neighbouring keys


@inlined
def find(table: int, first: int, second: int) -> int:
    """The number stored for a pair of numbers below 2**31 in the table at this address; -1 when there is none."""
    key, last = (first << 32) | second, i64(table, 0)
    place: Any = np.int64((np.uint64(key) * _FACTOR) >> np.uint64(32)) & last
    while True:
        stored = i64(table, 2 * place + 2)
        if stored == key:
            return i64(table, 2 * place + 3)
        if stored == -1:
            return -1
        place = (place + 1) & last


@compiled
def insert(table: Int64, key: int, number: int) -> bool:
    """Store ``number`` for ``key`` unless it has one; whether it had none. A pair of the table must be free."""
    last = table[0]
    place: Any = np.int64((np.uint64(key) * _FACTOR) >> np.uint64(32)) & last
    while table[2 * place + 2] != -1:
        if table[2 * place + 2] == key:
            return False
        place = (place + 1) & last
    table[2 * place + 2] = key
    table[2 * place + 3] = number
    return True


@compiled
def move_pairs(old: Int64, table: Int64) -> None:
    """Enter all pairs of ``old`` into an empty table."""
    for place in range(1, old.size >> 1):
        if old[2 * place] != -1:
            insert(table, old[2 * place], old[2 * place + 1])


@inlined
def hash_words(words: int, start: int, count: int) -> Word:
    """A 64-bit hash of ``count`` words."""
    mixed: Word = np.uint64(0x243F6A8885A308D3)
    for k in range(count):
        mixed = (mixed ^ u64(words, start + k)) * _FACTOR
        mixed ^= mixed >> np.uint64(32)
    mixed *= np.uint64(0xD6E8FEB86659FD93)
    return mixed ^ (mixed >> np.uint64(29))


@inlined
def home(mixed: Word, size: Word) -> Word:
    """Where in a table of ``size`` a hash belongs. The order of places is the order of hashes, whatever the size."""
    return ((mixed >> np.uint64(32)) * size) >> np.uint64(32)


@inlined
def enter(table: UInt64, entry: Word) -> None:
    """Put an entry at its place: the upper 32 bits of a state's hash, then the state's number + 1."""
    size = np.uint64(table.size)
    place = home(entry, size)
    while table[place] != np.uint64(0):
        place += np.uint64(1)
        if place == size:
            place = np.uint64(0)
    table[place] = entry


@compiled
def hash_states(states: int, count: int, words: int, table: UInt64) -> None:
    """Enter ``count`` states, known to be distinct, into an empty table."""
    for s in range(count):
        mixed = hash_words(states, s * words, words)
        enter(table, (mixed & np.uint64(0xFFFFFFFF00000000)) | np.uint64(s + 1))


@compiled
def move_entries(old: UInt64, table: UInt64) -> None:
    """Enter all of ``old`` into an empty, larger table, straight on: both are in the order of hashes."""
    for entry in old:
        if entry != np.uint64(0):
            enter(table, entry)


@compiled
def repack(states: int, count: int, words: int, old: Packing, new_words: int, new: Packing, content: UInt64) -> None:
    """Rewrite ``count`` states in place from one packing to another; ``new_words`` >= ``words``.

    ``content`` is room for a number for each component.
    """
    # From the last to the first: a wider row then only overwrites rows that were rewritten already.
    for s in range(count - 1, -1, -1):
        for i in range(content.size):
            content[i] = (u64(states, s * words + i64(old.word, i)) >> u64(old.shift, i)) & u64(old.mask, i)
        for k in range(new_words):
            set64(states, s * new_words + k, np.uint64(0))
        for i in range(content.size):
            place = s * new_words + i64(new.word, i)
            set64(states, place, u64(states, place) | (content[i] << u64(new.shift, i)))
