"""Drawings on a display channel, opaque: they have names, and bodies as they came (facts: SPICE 1.12)."""

from __future__ import annotations

from switchover.models.language import Message


class DrawFill(Message):
    """Fill an area."""

    body: bytes


class DrawOpaque(Message):
    """Draw a picture through a brush."""

    body: bytes


class DrawCopy(Message):
    """Draw a picture."""

    body: bytes


class DrawBlend(Message):
    """Combine a picture with what is there."""

    body: bytes


class DrawBlackness(Message):
    """Make an area black."""

    body: bytes


class DrawWhiteness(Message):
    """Make an area white."""

    body: bytes


class DrawInvers(Message):
    """Invert an area."""

    body: bytes


class DrawRop3(Message):
    """Combine a picture, a brush and what is there."""

    body: bytes


class DrawStroke(Message):
    """Draw a path."""

    body: bytes


class DrawText(Message):
    """Draw glyphs."""

    body: bytes


class DrawTransparent(Message):
    """Draw a picture of which one colour is not seen."""

    body: bytes


class DrawAlphaBlend(Message):
    """Draw a picture that lets what is there shine through."""

    body: bytes


class DrawComposite(Message):
    """Draw a picture through a mask, transformed."""

    body: bytes


class GlScanoutUnix(Message):
    """A picture in memory that both sides share."""

    body: bytes
