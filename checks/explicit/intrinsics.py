"""What compiled code needs beyond Numba's Python: memory by address, a prefetch, and a cache that may be missing.

The search is made of small functions that share some forty arrays. Handing arrays from function to function,
Numba counts references with a locked instruction each (measured: ten times slower); an address is a plain number.
Whoever passes an address keeps its array alive, and passes only indices in range.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

import numba
from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile, and keep the machine code for the next run where some directory can be written."""
    with _user_cache():
        try:
            return cast(F, numba.njit(cache=True)(function))
        except RuntimeError:
            return cast(F, numba.njit(function))


@contextmanager
def _user_cache() -> Iterator[None]:
    """Machine code goes into the user's cache, unless NUMBA_CACHE_DIR says where.

    Beside the modules it would outlive their uninstallation, and what is left of the package would hide an editable
    installation that follows.
    """
    config = cast(Any, numba.config)
    chosen = config.CACHE_DIR
    root = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    config.CACHE_DIR = chosen or os.path.join(root, "switchover")
    try:
        yield
    finally:
        config.CACHE_DIR = chosen


def inlined(function: F) -> F:
    """Compile as a part of whatever calls it."""
    return cast(F, numba.njit(forceinline=True)(function))


def address(array: NDArray[Any]) -> int:
    """Where an array's items are."""
    return int(array.ctypes.data)


def _place(builder: Any, bits: int, address: Any, index: Any) -> Any:
    return builder.gep(builder.inttoptr(address, ir.IntType(bits).as_pointer()), [index])


def _load(bits: int, result: Any) -> Any:
    def load(_context: Any, _address: Any, _index: Any) -> Any:
        def generate(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            loaded = builder.load(_place(builder, bits, *arguments))
            return loaded if bits == 64 else builder.sext(loaded, ir.IntType(64))

        return result(types.int64, types.int64), generate

    return intrinsic(load)


def _store(bits: int) -> Any:
    def store(_context: Any, _address: Any, _index: Any, value: Any) -> Any:
        def generate(target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            address, index, stored = arguments
            if bits < 64:
                stored = builder.trunc(stored, ir.IntType(bits))
            builder.store(stored, _place(builder, bits, address, index))
            return target.get_dummy_value()

        wide = types.uint64 if value == types.uint64 else types.int64
        return types.void(types.int64, types.int64, wide), generate

    return intrinsic(store)


#: Item number (second argument) of the signed 32-bit, signed 64-bit, unsigned 64-bit integers at an address (first).
i32: Callable[[int, Any], int] = _load(32, types.int64)
i64: Callable[[int, Any], int] = _load(64, types.int64)
u64: Callable[[int, Any], Any] = _load(64, types.uint64)

#: Set item number (second argument) of the 32-bit or 64-bit integers at an address (first) to the third.
set32: Callable[[int, Any, int], None] = _store(32)
set64: Callable[[int, Any, Any], None] = _store(64)


def _prefetch(_context: Any, _address: Any, _index: Any) -> Any:

    def generate(target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        pointer, flag = ir.IntType(8).as_pointer(), ir.IntType(32)
        place = builder.bitcast(_place(builder, 64, *arguments), pointer)
        kind = ir.FunctionType(ir.VoidType(), [pointer, flag, flag, flag])
        function = cast(Any, cgutils).get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(function, [place, flag(0), flag(3), flag(1)])
        return target.get_dummy_value()

    return types.void(types.int64, types.int64), generate


#: Begin to load item number (second argument) of the 64-bit integers at an address (first) into the cache.
prefetch: Callable[[int, Any], None] = cast(Any, intrinsic(_prefetch))
