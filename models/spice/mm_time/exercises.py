"""Systems that no claim is about, run so that every transition of the charts is seen to happen somewhere.

In most of them servers say what they are told to, line by line, also what a server would not say at that time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from switchover.models.language import (
    Actor,
    Binding,
    Connection,
    Latency,
    Local,
    Port,
    State,
    System,
    Timer,
    Timing,
    parameter,
    stay,
    variable,
)
from switchover.models.language.claim import SystemMaker

from .designs import Variant, handover
from .display import DisplayStream, DisplayStreamSince032, PatchedDisplayStream
from .messages import (
    ClientMigrateEnd,
    DisplayInit,
    DrawCopy,
    HandshakeTime,
    Host,
    Init,
    Link,
    Migrate,
    MigrateData,
    MigrateEnd,
    MultiMediaTime,
    PlaybackData,
    PlaybackStart,
    PlaybackStop,
    StreamActivateReport,
    StreamCreate,
    StreamData,
    StreamDestroy,
    StreamDestroyAll,
    StreamReport,
    SwitchHost,
)
from .playback import TICK, PlaybackChannel
from .reference_display import ReferenceDisplayStream
from .screen import Screen
from .session import ClientSession
from .variant import Method

Spoken = (
    Init
    | MultiMediaTime
    | HandshakeTime
    | Migrate
    | MigrateEnd
    | SwitchHost
    | DrawCopy
    | StreamData
    | StreamCreate
    | StreamActivateReport
    | StreamDestroy
    | StreamDestroyAll
    | PlaybackStart
    | PlaybackData
    | PlaybackStop
)


@dataclass(frozen=True)
class Line:
    """Say ``message`` on the channel called ``channel``, ``after`` ms after the line before."""

    channel: str
    message: Spoken
    after: int = 1


Script = tuple[Line, ...]


class ScriptedServer(Actor):
    """The base of both servers: says its lines, one after the other. Each has a chart and channels of its own."""

    script: Script = parameter(())

    said: int = variable(0)

    main: Port
    display: Port
    playback: Port

    def on_next_line(self) -> None:
        line = self.script[self.said]
        self.said = self.said + 1
        if line.channel == "main":
            self.main.send(line.message)
        elif line.channel == "display":
            self.display.send(line.message)
        else:
            self.playback.send(line.message)
        if self.said < len(self.script):
            self.arm("next_line", after=self.script[self.said].after)


class ScriptedSource(ScriptedServer):
    """The server that the client is connected to at first."""

    main = Port(sends=(Init, MultiMediaTime, Migrate, MigrateEnd, SwitchHost))
    display = Port(
        sends=(StreamData, StreamCreate, StreamActivateReport, StreamDestroy, StreamDestroyAll, Migrate),
    )
    playback = Port(sends=(PlaybackStart, PlaybackData, PlaybackStop))

    talking = State(initial=True)
    next_line = Timer(stay(talking))


class ScriptedTarget(ScriptedServer):
    """The server that the client goes over to. What the client tells it is taken without an answer."""

    main = Port(sends=(Init, MultiMediaTime, HandshakeTime), receives=(MigrateData, ClientMigrateEnd, Link))
    display = Port(
        sends=(DrawCopy, StreamData, StreamCreate, StreamActivateReport, StreamDestroy, StreamDestroyAll),
        receives=(DisplayInit,),
    )
    playback = Port(sends=(PlaybackStart, PlaybackData, PlaybackStop))

    talking = State(initial=True)
    next_line = Timer(stay(talking))
    migrate_data = stay(talking)
    client_migrate_end = stay(talking)
    link = stay(talking)
    display_init = stay(talking)


class ReportReader(Actor):
    """Whoever takes the client's reports."""

    client = Local(receives=(StreamReport,))

    reading = State(initial=True)
    stream_report = stay(reading)


@dataclass(frozen=True)
class Story:
    """What the two servers say, the target from ``target_begins`` on, in ms since the start.

    ``audio_back_end``: the delay that it answers; None: it does not, and sound leaves the clock alone.
    """

    source: Script
    target: Script
    target_begins: int = 3_000
    audio_back_end: int | None = 400
    waits_for_clock: bool = False


def scripted(display: Callable[[], Actor], story: Story) -> System:
    """A client between two servers that say their lines."""
    return System(
        name=f"mm_time.scripted ({display().__class__.__name__})",
        actors={
            "source": ScriptedSource(script=story.source, armed={"next_line": 0}),
            "target": ScriptedTarget(script=story.target, armed={"next_line": story.target_begins}),
            "session": ClientSession(waits_for_clock=story.waits_for_clock),
            "playback": PlaybackChannel(delay=story.audio_back_end),
            "display": display(),
            "screen": Screen(),
            "reader": ReportReader(),
        },
        connections=tuple(
            Connection(f"{channel}_{name}", f"{server}.{channel}", f"{client}.{server}", established=True)
            for server, name in (("source", "a"), ("target", "b"))
            for channel, client in (("main", "session"), ("display", "display"), ("playback", "playback"))
        ),
        bindings=(
            Binding("session.display", "display.session"),
            Binding("session.playback", "playback.session"),
            Binding("display.screen", "screen.display"),
            Binding("display.server", "reader.client"),
        ),
        timing=Timing(
            latencies={f"{channel}_{end}": Latency.exactly(0) for channel in _CHANNELS for end in ("a", "b")}
        ),
    )


_CHANNELS = ("main", "display", "playback")
_CLOCK = (Line("main", Init(0)), Line("main", MultiMediaTime(0)))
_SILENCE = (Line("playback", PlaybackStop()),)
_DATA_ALONE = (Line("playback", PlaybackData(5)),)
_VOICE = (
    Line("playback", PlaybackStart(10)),
    Line("playback", PlaybackStart(11)),
    Line("playback", PlaybackData(12)),
    Line("playback", PlaybackData(1012), after=TICK),
)
_VOICE_ENDS = (Line("playback", PlaybackStop()),)


def _stream(host: Host) -> Script:
    """A stream with a report on each frame."""
    return (
        Line("display", StreamCreate()),
        Line("display", StreamActivateReport(1, 1, 0)),
        Line("display", StreamData(2_000, 0, host)),
        Line("display", StreamDestroy()),
        Line("display", StreamDestroyAll()),
    )


_SOURCE_STREAM = _stream(Host.SOURCE)
_TARGET_STREAM = (Line("display", DrawCopy(0)), *_stream(Host.TARGET))
_FRAME = (Line("display", StreamData(2_000, 0, Host.TARGET)),)
_SEMI_SEAMLESS = (Line("main", MigrateEnd()),)
_SWITCH_HOST = (Line("main", SwitchHost()),)
#: The display goes over while main does not: with it the clock is not the target's yet.
_DISPLAY_FIRST = (Line("display", Migrate()),)
_SEAMLESS = (*_DISPLAY_FIRST, Line("main", Migrate()))
_NEW_CLOCK = (Line("main", HandshakeTime(0)), Line("main", Init(3_000)))
#: Long enough for our client to give up waiting for a clock; and for whatever comes then.
_PATIENCE, _AFTERWARDS = 1_500, 5_000
_SOUND_AT_LAST = (Line("playback", PlaybackStart(13), after=_AFTERWARDS), *_VOICE_ENDS)


def _stories() -> Iterator[Story]:
    yield Story((*_CLOCK, *_VOICE, *_VOICE_ENDS, *_SEAMLESS), _TARGET_STREAM)
    for end in (_SEMI_SEAMLESS, _SWITCH_HOST):
        sound = (*_VOICE, *_VOICE_ENDS)
        yield Story((*_CLOCK, *_SILENCE, *_SOURCE_STREAM, *end), (*_NEW_CLOCK, *_TARGET_STREAM, *sound))
        yield Story((*_CLOCK, *_VOICE, *end, *_VOICE), _NEW_CLOCK)
        # From here on the display follows the target, and has no clock of it.
        without_clock = (*_CLOCK, *_DATA_ALONE, *_DISPLAY_FIRST, *_SOUND_AT_LAST, *end)
        for target in (_TARGET_STREAM, (*_FRAME, *_wait(_PATIENCE, _TARGET_STREAM), *_FRAME)):
            clock = _wait(_AFTERWARDS, _NEW_CLOCK)
            yield Story(without_clock, (*target, *clock), 10, audio_back_end=None, waits_for_clock=True)


def _wait(time: int, script: Script) -> Script:
    return (replace(script[0], after=time), *script[1:])


_DISPLAYS: tuple[Callable[[], Actor], ...] = (
    partial(DisplayStream, waits_for_clock=True),
    partial(PatchedDisplayStream, waits_for_clock=True),
    partial(DisplayStreamSince032, waits_for_clock=True),
    ReferenceDisplayStream,
)

EXERCISES: tuple[SystemMaker, ...] = (
    partial(handover, Variant(method=Method.SEMI_SEAMLESS)),
    partial(handover, Variant(method=Method.SWITCH_HOST)),
    partial(handover, Variant(audio=True, voice_after=20, clock_after=20, frames_before=2)),
    *(partial(scripted, display, story) for display in _DISPLAYS for story in _stories()),
)
