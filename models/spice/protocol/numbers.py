"""Whole numbers of the widths that the protocol uses."""

from __future__ import annotations

from typing import Annotated

from switchover.models.language import Between

U8 = Annotated[int, Between(0, (1 << 8) - 1)]
U16 = Annotated[int, Between(0, (1 << 16) - 1)]
U32 = Annotated[int, Between(0, (1 << 32) - 1)]
U64 = Annotated[int, Between(0, (1 << 64) - 1)]
I16 = Annotated[int, Between(-(1 << 15), (1 << 15) - 1)]
I32 = Annotated[int, Between(-(1 << 31), (1 << 31) - 1)]
I64 = Annotated[int, Between(-(1 << 63), (1 << 63) - 1)]
