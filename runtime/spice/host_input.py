"""A host's inputs and cursor channels (facts: SPICE 1.13)."""

from __future__ import annotations

from dataclasses import dataclass

from switchover.models.language import Message
from switchover.models.spice import messages as spice
from switchover.models.spice.protocol import base, cursor, inputs

from . import migrate_data
from .host_display import SET_ACK
from .host_service import Situation, migrate, ping_after_much

#: One MOUSE_MOTION_ACK for so many motions and positions.
_MOTIONS = 4

_MOST_MOTIONS = 0xFFFF


@dataclass
class InputsService:
    """``motions``: not acknowledged yet. ``is_restored``: MIGRATE_DATA has come, and was not answered yet."""

    is_begun: bool = False
    is_restored: bool = False
    modifiers: int = 0
    motions: int = 0

    def meaning(self, message: Message) -> Message | None:
        if isinstance(message, inputs.KeyModifiers) and not self.is_begun:
            return spice.ChannelInit()
        if isinstance(message, base.MigrateData):
            self.motions = migrate_data.read_inputs(message.data).motion_count
            self.is_restored = True
            return spice.MigrateData()
        return spice.MigrateFlushMark() if isinstance(message, base.MigrateFlushMark) else None

    def take(self, message: Message, situation: Situation, now: float) -> list[Message]:
        if isinstance(message, inputs.KeyModifiers):
            self.is_begun = True
            self.modifiers = message.modifiers
        elif isinstance(message, inputs.MouseMotion | inputs.MousePosition):
            self.motions = min(self.motions + 1, _MOST_MOTIONS)
        return []

    def say(self, message: Message, situation: Situation, now: float) -> list[Message]:
        if isinstance(message, spice.ChannelStart):
            return [inputs.Init(self.modifiers)]
        if isinstance(message, spice.MigrateData):
            return [base.MigrateData(migrate_data.inputs_data(migrate_data.InputsState(self.motions)))]
        return [migrate(message)] if isinstance(message, spice.Migrate) else []

    def go_on(self, situation: Situation, now: float) -> list[Message]:
        """Acknowledgements; between MIGRATE and MIGRATE_DATA they wait, and travel as a count."""
        if situation.state != "started":
            return []
        count, self.motions = divmod(self.motions, _MOTIONS)
        restored: list[Message] = [inputs.KeyModifiers(self.modifiers)] if self.is_restored else []
        self.is_restored = False
        acks = (inputs.MouseMotionAck() for _ in range(count))
        return [*restored, *acks, *ping_after_much(situation, now)]

    def stop(self, situation: Situation, now: float) -> list[Message]:
        return []

    def next_deadline(self) -> float | None:
        return None


@dataclass
class CursorService:
    """A cursor without a picture."""

    def meaning(self, message: Message) -> Message | None:
        if isinstance(message, base.MigrateData):
            return spice.MigrateData()
        return spice.MigrateFlushMark() if isinstance(message, base.MigrateFlushMark) else None

    def take(self, message: Message, situation: Situation, now: float) -> list[Message]:
        return []

    def say(self, message: Message, situation: Situation, now: float) -> list[Message]:
        """A client that continues its session has its cursor."""
        if isinstance(message, spice.ChannelStart):
            start: list[Message] = [SET_ACK]
            init = cursor.Init(cursor.Point16(0, 0), 0, 0, 1, cursor.NO_CURSOR)
            return start if situation.continues else [*start, init]
        return [cursor.InvalAll(), migrate(message)] if isinstance(message, spice.Migrate) else []

    def go_on(self, situation: Situation, now: float) -> list[Message]:
        return []

    def stop(self, situation: Situation, now: float) -> list[Message]:
        return []

    def next_deadline(self) -> float | None:
        return None
