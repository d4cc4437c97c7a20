"""Convex polygons of linear conditions in two numbers, with exact corners."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

Corner = tuple[Fraction, Fraction]

#: Corners of a convex polygon in order; two are a line segment, one is a point, none is empty.
Polygon = tuple[Corner, ...]


@dataclass(frozen=True)
class HalfPlane:
    """Where ``x * X + y * Y + constant <= 0``."""

    x: int
    y: int
    constant: int

    def at(self, corner: Corner) -> Fraction:
        """The left side for this corner: positive outside, 0 on the edge."""
        return self.x * corner[0] + self.y * corner[1] + self.constant

    def opposite(self) -> HalfPlane:
        """The half-plane on the other side of the same edge."""
        return HalfPlane(-self.x, -self.y, -self.constant)


def box(x_range: tuple[int, int], y_range: tuple[int, int]) -> Polygon:
    """The rectangle of these ranges, ends included."""
    (left, right), (low, high) = x_range, y_range
    corners = ((left, low), (right, low), (right, high), (left, high))
    return _normal([(Fraction(x), Fraction(y)) for x, y in corners])


def clip(polygon: Polygon, half_planes: Iterable[HalfPlane]) -> Polygon:
    """The part of a convex polygon that lies in all the half-planes, edges included."""
    for half_plane in half_planes:
        polygon = _clip(polygon, half_plane)
    return polygon


def _clip(polygon: Polygon, half_plane: HalfPlane) -> Polygon:
    kept: list[Corner] = []
    for number, corner in enumerate(polygon):
        before = polygon[number - 1]
        here, there = half_plane.at(corner), half_plane.at(before)
        if here * there < 0:
            kept.append(_between(before, corner, there / (there - here)))
        if here <= 0:
            kept.append(corner)
    return _normal(kept)


def _between(start: Corner, end: Corner, share: Fraction) -> Corner:
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def _normal(corners: list[Corner]) -> Polygon:
    """Without corners that repeat or lie on a line between their neighbours."""
    distinct = list(dict.fromkeys(corners))
    if len(distinct) < 3:
        return tuple(sorted(distinct))
    turning = [
        corner
        for number, corner in enumerate(distinct)
        if _turn(distinct[number - 1], corner, distinct[(number + 1) % len(distinct)])
    ]
    # Corners that all lie on one line are a segment.
    return tuple(turning) if turning else (min(distinct), max(distinct))


def _turn(before: Corner, corner: Corner, after: Corner) -> Fraction:
    """Twice the area of the triangle: 0 when the three lie on one line."""
    return (corner[0] - before[0]) * (after[1] - corner[1]) - (corner[1] - before[1]) * (after[0] - corner[0])
