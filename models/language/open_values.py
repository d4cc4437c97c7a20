"""Values left open: what an engine puts in the place of a number or a truth that it does not fix.

A chart is run on them as on plain values. What they compute is the engine's affair: nothing here knows of a solver.
"""

from __future__ import annotations


class OpenBits:
    """32 bits left open: what a ``Wrap32`` holds when its value is not fixed."""

    __slots__ = ()

    def difference(self, other: OpenBits | int) -> OpenNumber | int:
        """These bits minus ``other``, as the signed number that 32 bits stand for."""
        raise NotImplementedError

    def difference_from(self, other: int) -> OpenNumber | int:
        """``other`` minus these bits, as the signed number that 32 bits stand for."""
        raise NotImplementedError

    def plus(self, number: OpenNumber | OpenBits | int) -> OpenBits | int:
        """These bits and a number added, modulo 2^32."""
        raise NotImplementedError

    def negated(self) -> OpenBits | int:
        """Minus these bits, modulo 2^32."""
        raise NotImplementedError

    def below(self, other: OpenBits | int) -> OpenTruth | bool:
        """Whether these bits, read without sign, are less than ``other``."""
        raise NotImplementedError

    def above(self, other: OpenBits | int) -> OpenTruth | bool:
        """Whether these bits, read without sign, are greater than ``other``."""
        raise NotImplementedError

    def same(self, other: OpenBits | int) -> OpenTruth | bool:
        """Whether these bits are those of ``other``."""
        raise NotImplementedError


class OpenNumber:
    """A number left open, computed with by an engine. Accepted wherever an ``int`` is asked for."""

    __slots__ = ()

    def low_bits(self) -> OpenBits | int:
        """The low 32 bits of the number."""
        raise NotImplementedError


class OpenTruth:
    """A truth left open; ``bool()`` decides it, each way in a run of its own. Accepted wherever a ``bool`` is asked."""

    __slots__ = ()

    def negated(self) -> OpenTruth | bool:
        """The opposite truth, left open too."""
        raise NotImplementedError
