# mypy: ignore-errors
"""spice-gtk as a process of its own: connects to the SPICE server at a port of loopback, until its input ends.

Runs under the system's Python, which has the GObject bindings. Without an argument it only says its version.
"""

import sys

import gi

gi.require_version("SpiceClientGLib", "2.0")
from gi.repository import GLib, GObject  # noqa: E402
from gi.repository import SpiceClientGLib as Spice  # noqa: E402

#: main, display, inputs, cursor, playback: what our client links too.
_CHANNELS = (1, 2, 3, 4, 5)


def _follow(port):
    loop = GLib.MainLoop()
    session = Spice.Session.new()
    session.set_property("host", "127.0.0.1")
    session.set_property("port", str(port))
    session.set_property("enable-usbredir", False)
    # connect of Session and Channel is SPICE's and hides that of GObject.
    GObject.GObject.connect(session, "channel-new", _open)
    GLib.io_add_watch(sys.stdin.fileno(), GLib.IO_IN | GLib.IO_HUP, lambda *_: loop.quit())
    Spice.Session.connect(session)
    loop.run()
    Spice.Session.disconnect(session)


def _open(_, channel):
    if channel.get_property("channel-type") in _CHANNELS:
        Spice.Channel.connect(channel)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _follow(int(sys.argv[1]))
    else:
        print(Spice.util_get_version_string())
