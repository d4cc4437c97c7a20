"""Ports: where an actor's connections and in-process calls begin and end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

from .message import Message, require_message_types

if TYPE_CHECKING:
    from .actor import Actor


class Port:
    """Declares one end of a connection, or ``count`` ends of the same kind.

    ``receives`` and ``sends`` are message types. ``count`` is a number or the name of a parameter;
    with it ``actor.port[i]`` is the i-th end, without it ``actor.port`` is the only one.
    """

    in_process = False

    def __init__(
        self,
        *,
        receives: tuple[type[Message], ...] = (),
        sends: tuple[type[Message], ...] = (),
        count: int | str | None = None,
    ) -> None:
        self.receives = receives
        self.sends = sends
        self.count = count
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def check(self, where: str) -> None:
        """Raise DefinitionError, naming ``where`` the port is declared, unless its messages can be told apart."""
        require_message_types(self.receives, f"{where} receives")
        require_message_types(self.sends, f"{where} sends")

    @overload
    def __get__(self, instance: None, owner: type) -> Port: ...
    @overload
    def __get__(self, instance: Any, owner: type) -> Any: ...
    def __get__(self, instance: Actor | None, owner: type) -> Any:
        if instance is None:
            return self
        return instance._endpoints[self.name]


class Local(Port):
    """Declares an in-process peer: what is sent is handled within the same step, as a function call is.

    Two actors of one process (QEMU calling libspice-server, a client's session calling its
    channels) have no network between them, hence no orders of events to explore there.
    """

    in_process = True


@dataclass(frozen=True)
class PortSlot:
    """One end of an actor: its port's name, its index within the port (None without ``count``), its kind."""

    name: str
    index: int | None
    port: Port

    def __str__(self) -> str:
        return self.name if self.index is None else f"{self.name}[{self.index}]"


class Endpoint:
    """A port of one actor as its handlers see it: ``self.source.send(...)``, ``self.target[1].open()``."""

    def __init__(self, actor: Actor, number: int, slot: PortSlot) -> None:
        self._actor = actor
        self.number = number
        self.name = slot.name
        self.index = 0 if slot.index is None else slot.index
        self._slot = slot

    def send(self, message: Message) -> None:
        """Send ``message``; it arrives after everything sent before on this connection.

        Raises HandlerError when the port is not open at this end or does not send this type.
        """
        self._actor._record_send(self.number, message)

    def open(self) -> None:
        """Connect to the peer. What is sent at once arrives after the peer has accepted.

        Raises HandlerError when the port is open already, or is in-process.
        """
        self._actor._record_open(self.number)

    def close(self) -> None:
        """Close this end: what was sent still arrives, what was under way to us is gone.

        Raises HandlerError when the port is not open at this end, or is in-process.
        """
        self._actor._record_close(self.number)

    @property
    def is_open(self) -> bool:
        """Whether this end counts the connection as open (it may not know yet that the peer closed it)."""
        return bool(self._actor._open_ports[self.number])

    def __str__(self) -> str:
        return str(self._slot)
