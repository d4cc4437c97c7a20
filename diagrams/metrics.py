"""How wide a text is in the drawings' own font, and how to break one into lines."""

from __future__ import annotations

import struct
import textwrap
from functools import cache
from pathlib import Path

#: Where the drawings' font lies; it comes with the package, so that a picture is the same on every machine.
FONT_FOLDER = Path(__file__).with_name("fonts")

#: The drawings' font, then what a viewer without it should take (none is wider by much).
FONT_NAME = "DejaVu Sans"
FONT_FAMILY = "DejaVu Sans, Verdana, Helvetica, Arial, sans-serif"


class _Widths:
    """Advance widths of a TrueType font, in units of its em square."""

    def __init__(self, path: Path) -> None:
        data = path.read_bytes()
        self._tables = _table_offsets(data)
        (self.units,) = struct.unpack_from(">H", data, self._tables["head"] + 18)
        (count,) = struct.unpack_from(">H", data, self._tables["hhea"] + 34)
        metrics = struct.unpack_from(f">{2 * count}H", data, self._tables["hmtx"])
        self._advances = metrics[::2]
        self._glyphs = _glyph_numbers(data, self._tables["cmap"])

    def of(self, character: str) -> int:
        glyph = self._glyphs.get(ord(character))
        if glyph is None:
            # Another font will show it; few signs are wider than the em square.
            return int(self.units)
        return int(self._advances[min(glyph, len(self._advances) - 1)])


def _table_offsets(data: bytes) -> dict[str, int]:
    (count,) = struct.unpack_from(">H", data, 4)
    entries = (struct.unpack_from(">4sIII", data, 12 + 16 * number) for number in range(count))
    return {tag.decode("ascii"): offset for tag, _, offset, _ in entries}


def _glyph_numbers(data: bytes, start: int) -> dict[int, int]:
    """Character code to glyph number, from the font's Unicode (format 4) table."""
    (count,) = struct.unpack_from(">H", data, start + 2)
    places = [start + struct.unpack_from(">HHI", data, start + 4 + 8 * number)[2] for number in range(count)]
    table = next(place for place in places if struct.unpack_from(">H", data, place)[0] == 4)
    segments = struct.unpack_from(">H", data, table + 6)[0] // 2
    ends = struct.unpack_from(f">{segments}H", data, table + 14)
    starts = struct.unpack_from(f">{segments}H", data, table + 16 + 2 * segments)
    deltas = struct.unpack_from(f">{segments}H", data, table + 16 + 4 * segments)
    offsets_at = table + 16 + 6 * segments
    offsets = struct.unpack_from(f">{segments}H", data, offsets_at)
    glyphs: dict[int, int] = {}
    for number in range(segments):
        for code in range(starts[number], min(ends[number], 0xFFFE) + 1):
            glyph = code
            if offsets[number]:
                place = offsets_at + 2 * number + offsets[number] + 2 * (code - starts[number])
                (glyph,) = struct.unpack_from(">H", data, place)
            glyphs[code] = (glyph + deltas[number]) & 0xFFFF
    return glyphs


@cache
def _widths(bold: bool) -> _Widths:
    return _Widths(FONT_FOLDER / ("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"))


@cache
def text_width(text: str, size: float, bold: bool = False) -> float:
    """The width of one line of text in points."""
    widths = _widths(bold)
    return sum(widths.of(each) for each in text) * size / float(widths.units)


def wrap(text: str, columns: int) -> list[str]:
    """``text`` in lines of at most ``columns`` characters; broken inside a word only where it must be."""
    return textwrap.wrap(text, max(columns, 1), break_on_hyphens=False) or [""]


def lines_within(text: str, width: float, size: float, bold: bool = False) -> list[str]:
    """``text`` in lines of at most ``width`` points; a word that is longer is broken."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if text_width(longer, size, bold) <= width:
            lines[-1] = longer
            continue
        if lines[-1]:
            lines.append("")
        for character in word:
            if lines[-1] and text_width(lines[-1] + character, size, bold) > width:
                lines.append("")
            lines[-1] += character
    return lines


def clean(text: str) -> str:
    """``text`` in one line, what cannot be printed shown as a question mark."""
    return "".join(each if each.isprintable() else "?" for each in " ".join(text.split()))


def shorten(text: str, columns: int) -> str:
    """``text``, cut to ``columns`` characters with an ellipsis where it is longer."""
    return text if len(text) <= columns else text[: max(columns - 1, 0)] + "…"
