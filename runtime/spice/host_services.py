"""Which service a linked connection of a host gets, by its channel."""

from __future__ import annotations

from dataclasses import dataclass

from switchover.models.spice.protocol.channels import ChannelType

from .host_display import DisplayService
from .host_input import CursorService, InputsService
from .host_links import HostLink
from .host_main import MainService
from .host_playback import PlaybackService
from .host_service import Machine, Service
from .host_sessions import HostSessions
from .numbering import HostNumbers


@dataclass(frozen=True)
class HostServices:
    """``hosts`` and ``sessions``: what the numbers of the model stand for."""

    machine: Machine
    hosts: HostNumbers
    sessions: HostSessions

    def serve(self, link: HostLink) -> Service:
        """The service of a connection whose link is being accepted."""
        request = link.connection.request
        assert request is not None
        caps = request.channel_caps
        if request.channel_type == ChannelType.MAIN:
            return MainService(self.machine, self.hosts, self.sessions, caps, request.connection_id == 0)
        if request.channel_type == ChannelType.DISPLAY:
            return DisplayService(self.machine, caps)
        if request.channel_type == ChannelType.PLAYBACK:
            return PlaybackService(self.machine, caps)
        return InputsService() if request.channel_type == ChannelType.INPUTS else CursorService()
