"""A guest of 512 bytes that shows moving pictures and plays a tone for ever.

A SPICE server turns an area into a video stream when it is drawn again and again, about 20 times in a row. In VGA modes
QEMU sends one drawing for each column of 32 pixels, and shows each pixel of this mode as 2x2: so the guest draws within
16 pixels, and there is one stream of 32x320.
"""

from __future__ import annotations

from pathlib import Path

WIDTH, TOP, LEFT, ROWS = 320, 20, 64, 160
COLUMN = 16

PIT_HZ = 1_193_182
FRAME_HZ = 33
TONE_HZ = 440

FLOPPY_SIZE = 1_474_560
_LOAD_ADDRESS = 0x7C00
_SECTOR = 512

_NEXT_PIXEL_ROW = WIDTH - COLUMN


def write_floppy(path: Path) -> None:
    """Write the image of a floppy disk that boots the guest."""
    with path.open("wb") as image:
        image.write(boot_sector())
        image.truncate(FLOPPY_SIZE)


def boot_sector() -> bytes:
    """The guest: real mode, 320x200 in 256 colours; a timer interrupt wakes it for each frame."""
    draw = _draw_frame()
    frame = _speaker_on() + draw + _INC_BX + _HLT
    code = _set_up() + frame + _jump_back(frame)
    return code.ljust(_SECTOR - 2, b"\0") + b"\x55\xaa"


def _set_up() -> bytes:
    return (
        b"\xfa"  # cli
        + b"\x31\xc0"  # xor ax, ax
        + b"\x8e\xd0"  # mov ss, ax
        + b"\xbc" + _word(_LOAD_ADDRESS)  # mov sp, 0x7c00
        + b"\xfb\xfc"  # sti; cld
        + _mov_ax(0x0013) + b"\xcd\x10"  # int 0x10: video mode 13h
        + _mov_ax(0xA000) + b"\x8e\xc0"  # mov es, ax
        + _start_timer(0x34, 0x40, PIT_HZ // FRAME_HZ)  # timer 0, rate generator: interrupts
        + _start_timer(0xB6, 0x42, PIT_HZ // TONE_HZ)  # timer 2, square wave: the speaker
        + b"\x31\xdb"  # xor bx, bx: the frame's number
    )  # fmt: skip


def _speaker_on() -> bytes:
    """In every frame, since the speaker is silent after a migration until the guest writes to its port."""
    return b"\xe4\x61" + b"\x0c\x03" + b"\xe6\x61"  # in al, 0x61; or al, 3; out 0x61, al


def _draw_frame() -> bytes:
    """Horizontal lines, each of the next colour; the colours move up by one line a frame.

    The colours are 32 to 95 of the palette, of which no two neighbours look the same: a line that did not change would
    split the area.
    """
    row = (
        b"\x88\xd8"  # mov al, bl
        + b"\x00\xd0"  # add al, dl
        + b"\x24\x3f\x04\x20"  # and al, 63; add al, 32
        + b"\xb9" + _word(COLUMN)  # mov cx, COLUMN
        + b"\xf3\xaa"  # rep stosb
        + b"\x81\xc7" + _word(_NEXT_PIXEL_ROW)  # add di, ...
        + b"\x4a"  # dec dx
    )  # fmt: skip
    return (
        b"\xbf" + _word(TOP * WIDTH + LEFT)  # mov di, ...
        + b"\xba" + _word(ROWS)  # mov dx, ROWS
        + row
        + b"\x75" + _back_over(row, 2)  # jnz row
    )  # fmt: skip


_INC_BX = b"\x43"
_HLT = b"\xf4"


def _start_timer(mode: int, port: int, divisor: int) -> bytes:
    return (
        b"\xb0" + bytes([mode]) + b"\xe6\x43"  # mov al, mode; out 0x43, al
        + _mov_ax(divisor)
        + b"\xe6" + bytes([port]) + b"\x88\xe0" + b"\xe6" + bytes([port])  # out port, al; mov al, ah; out port, al
    )  # fmt: skip


def _mov_ax(value: int) -> bytes:
    return b"\xb8" + _word(value)


def _jump_back(code: bytes) -> bytes:
    return b"\xeb" + _back_over(code, 2)


def _back_over(code: bytes, size_of_jump: int) -> bytes:
    """The distance of a short jump that stands behind ``code`` and leads to its beginning."""
    return (-len(code) - size_of_jump).to_bytes(1, "little", signed=True)


def _word(value: int) -> bytes:
    return value.to_bytes(2, "little")
