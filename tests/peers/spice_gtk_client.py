"""A headless spice-gtk client that tells as JSON lines what happens to it.

Runs under the system's Python, which has the GObject bindings, in a process of its own.
Usage: spice_gtk_client.py PORT AUDIO(0|1) [TLS_PORT CA_FILE SUBJECT], with the password (or nothing) as the first line
on standard input. PORT 0: only with TLS; SUBJECT: of the server's certificate. Later the line ``quit``, or the end of
the input, ends it.

Every event has ``t`` (seconds since the epoch) and ``event``. Those of a channel have ``channel``, ``id`` and
``session``: 1 for the session itself, then one number for each session that spice-gtk makes to connect to a
migration's target. ``peer`` is the server's port that a channel (main, for migration-state) is connected to, or null.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import time

import gi

gi.require_version("SpiceClientGLib", "2.0")
from gi.repository import GLib, GObject  # noqa: E402
from gi.repository import SpiceClientGLib as Spice  # noqa: E402

CHANNELS = {1: "main", 2: "display", 3: "inputs", 4: "cursor", 5: "playback", 6: "record", 9: "usbredir", 10: "port"}
CONNECTED = {"main", "display", "inputs", "cursor", "playback"}

# connect and disconnect of Session and Channel are SPICE's and hide those of GObject.
on = GObject.GObject.connect


# Libraries that write on standard output, as GLib does when it debugs, are sent to standard error instead.
events = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


def tell(event, **fields):
    print(json.dumps({"t": time.time(), "event": event, **fields}), file=events, flush=True)


def peer_of(channel):
    """The port that the channel is really connected to: the session's own is wrong after a cancelled migration."""
    connection = channel.get_property("socket")
    return connection.get_remote_address().get_port() if connection else None


def watch_display(channel, about):
    on(
        channel,
        "display-primary-create",
        lambda *given: tell("primary-create", width=given[2], height=given[3], **about),
    )
    on(channel, "display-primary-destroy", lambda _: tell("primary-destroy", **about))
    on(channel, "display-mark", lambda _, mark: tell("mark", mark=mark, **about))
    on(channel, "display-invalidate", lambda _, *area: tell("invalidate", area=area, **about))
    on(channel, "streaming-mode", lambda _, streaming: tell("streaming-mode", streaming=streaming, **about))


def watch_playback(channel, about):
    on(channel, "playback-start", lambda *given: tell("playback-start", rate=given[3], **about))
    on(channel, "playback-stop", lambda _: tell("playback-stop", **about))


def watch_channel(channel, session_number):
    kind = CHANNELS.get(channel.get_property("channel-type"), "other")
    about = {"channel": kind, "id": channel.get_property("channel-id"), "session": session_number}
    tell("channel-new", **about)

    def on_event(_, what):
        error = channel.get_error()
        error = error.message if error else None
        tell("channel-event", what=what.value_nick, error=error, peer=peer_of(channel), **about)

    on(channel, "channel-event", on_event)
    if kind == "display":
        watch_display(channel, about)
    elif kind == "playback":
        watch_playback(channel, about)
    return kind


class Client:
    def __init__(self, port, password, tls_port=None, ca_file=None, subject=None):
        self.loop = GLib.MainLoop()
        self.numbers = itertools.count(2)
        self.main = None
        self.session = Spice.Session.new()
        self.session.set_property("host", "127.0.0.1")
        if port != "0":
            self.session.set_property("port", port)
        if tls_port is not None:
            self.session.set_property("tls-port", tls_port)
            self.session.set_property("ca-file", ca_file)
            self.session.set_property("cert-subject", subject)
            self.session.set_property("verify", Spice.SessionVerify.SUBJECT)
        self.session.set_property("enable-usbredir", False)
        if password:
            self.session.set_property("password", password)
        on(self.session, "channel-new", self.on_channel)
        on(self.session, "mm-time-reset", lambda _: tell("mm-time-reset"))
        on(self.session, "notify::migration-state", self.on_migration_state)
        on(self.session, "disconnected", self.on_disconnected)

    def on_channel(self, session, channel):
        kind = watch_channel(channel, 1)
        if kind == "main":
            self.main = channel
            on(channel, "migration-started", self.on_migration_started)
        if kind in CONNECTED:
            Spice.Channel.connect(channel)

    def on_migration_started(self, main, session):
        number = next(self.numbers)
        on(session, "channel-new", lambda _, channel: watch_channel(channel, number) and None)

    def on_migration_state(self, session, _):
        port = session.get_property("port")
        fields = {
            "state": session.get_property("migration-state").value_nick,
            "port": None if port is None else int(port),
            "peer": peer_of(self.main),
        }
        # Told when nothing else is left to do: MIGRATE_CONNECTED has gone out when "migrating" is told.
        GLib.idle_add(lambda: tell("migration-state", **fields), priority=GLib.PRIORITY_LOW)

    def on_disconnected(self, session):
        tell("disconnected")

    def on_input(self, source, condition):
        line = sys.stdin.readline()
        if line.strip() in ("", "quit"):
            Spice.Session.disconnect(self.session)
            self.loop.quit()
            return False
        return True

    def run(self, audio):
        player = Spice.Audio.get(self.session, None) if audio else None
        GLib.io_add_watch(sys.stdin.fileno(), GLib.IO_IN | GLib.IO_HUP, self.on_input)
        Spice.Session.connect(self.session)
        self.loop.run()
        del player


if __name__ == "__main__":
    Client(sys.argv[1], sys.stdin.readline().rstrip("\n"), *sys.argv[3:]).run(sys.argv[2] == "1")
