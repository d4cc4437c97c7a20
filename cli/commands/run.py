"""``switchover run``: the roles on real sockets."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click
from switchover.number import SECONDS, Number

from .follow import command as follow_command

if TYPE_CHECKING:
    from switchover.hosting import Listening, Plan

DESIGNS = ("shipped", "seamless", "reference")
CHANNELS = ("default", "main", "display", "inputs", "cursor", "playback")

_PORT = click.IntRange(0, 65535)

#: Seconds in which the multimedia clock, of 32 bits, goes round once.
_ROUND = 4_294_967


@click.group(invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """Run a SPICE client, source or destination on real sockets: the charts that `check` explores.

    A source and a destination are hosts with a synthetic guest that shows a video. They listen on loopback unless told
    otherwise.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


command.add_command(follow_command, "client")


def _host_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(
        (
            click.option(
                "--listen",
                "address",
                metavar="ADDRESS",
                default="127.0.0.1",
                show_default=True,
                help="Address or name of this machine at which to listen.",
            ),
            click.option(
                "--port",
                metavar="N",
                type=_PORT,
                default=0,
                show_default=True,
                help="Where clients connect without TLS; 0: any port that is free.",
            ),
            click.option(
                "--tls-port",
                metavar="N",
                type=_PORT,
                help="Where clients connect with TLS; 0: any port that is free.  [default: no TLS]",
            ),
            click.option("--certificate", metavar="FILE", help="PEM file of the server's certificate."),
            click.option("--key", metavar="FILE", help="PEM file of its key."),
            click.option(
                "--tls-channel",
                "tls_channels",
                type=click.Choice(CHANNELS),
                multiple=True,
                help="Linked with TLS only; default: all that are not named.",
            ),
            click.option(
                "--plaintext-channel",
                "plaintext_channels",
                type=click.Choice(CHANNELS),
                multiple=True,
                help="Linked without TLS only.",
            ),
            click.option("--password-file", metavar="FILE", help="Clients need the password on its first line."),
            click.option(
                "--ticket-lifetime",
                metavar="SECONDS",
                type=SECONDS,
                help="That password is good for so long.  [default: for ever]",
            ),
            click.option(
                "--design",
                type=click.Choice(DESIGNS),
                default="shipped",
                show_default=True,
                help="How the host's server behaves.",
            ),
            click.option(
                "--repair",
                "repairs",
                metavar="NAME",
                multiple=True,
                help="A repair of the models, by name; not with reference, which has them all.",
            ),
            click.option(
                "--mutation",
                "mutations",
                metavar="NAME",
                multiple=True,
                help="A deliberate mistake of the models, by name.",
            ),
            click.option(
                "--clock-offset",
                metavar="SECONDS",
                type=Number(-_ROUND, _ROUND),
                default=0.0,
                show_default=True,
                help="The host's multimedia clock is so far ahead.",
            ),
            click.option("--sound", is_flag=True, help="The guest plays a tone."),
            click.option("--no-video", is_flag=True, help="The guest's screen stays as it is."),
            click.option("--for", "seconds", metavar="SECONDS", type=SECONDS, help="Stop after so long."),
            click.option("--all", "everything", is_flag=True, help="Show every message."),
        )
    ):
        function = option(function)
    return function


@command.command()
@_host_options
@click.option("--to", "target", metavar="spice://HOST:PORT", help="Hand the client over to this server, once.")
@click.option("--host-subject", metavar="SUBJECT", help="With TLS: that server's certificate's subject.")
@click.option("--stream-to", metavar="HOST:PORT", help="Where the guest goes: the target's migration port.")
@click.option(
    "--begin-after", metavar="SECONDS", type=SECONDS, help="Begin when the client was served for so long.  [default: 1]"
)
@click.option(
    "--end",
    type=click.Choice(["completed", "failed", "cancelled"]),
    help="How the migration ends.  [default: completed]",
)
@click.option("--end-after", metavar="SECONDS", type=SECONDS, help="The migration ends after so long.  [default: 0.5]")
def source(
    target: str | None,
    host_subject: str | None,
    stream_to: str | None,
    begin_after: float | None,
    end: str | None,
    end_after: float | None,
    **options: Any,
) -> int:
    """A host at which the guest runs first.

    With --to it hands its client over, once, and ends when everybody has left. Without, it does what lines on stdin
    say: `info spice://HOST:PORT [SUBJECT]`, `migrate HOST:PORT`, `complete`, `fail`, `cancel`, `password FILE
    [SECONDS]`, `notify TEXT`, `quit`.

    Exit status: 0; 2 wrong input; 130 after Ctrl-C.
    """
    timing = {"begin_after": begin_after, "end": end, "end_after": end_after}
    given = {name: value for name, value in timing.items() if value is not None}
    return _run(_plan(target, host_subject, stream_to, given), True, {"spice": options["port"]}, options)


def _plan(target: str | None, host_subject: str | None, stream_to: str | None, timing: dict[str, Any]) -> Plan | None:
    from switchover.errors import InputError
    from switchover.hosting import Plan, read_target
    from switchover.spice_address import read_host_and_port

    if (target is None) != (stream_to is None):
        raise InputError("--to needs --stream-to, and the other way round: the client and the guest go together")
    if target is None or stream_to is None:
        given = [*timing, *(["host_subject"] if host_subject is not None else [])]
        if given:
            raise InputError(f"--{given[0].replace('_', '-')} needs --to and --stream-to")
        return None
    return Plan(read_target(target, host_subject or ""), read_host_and_port(stream_to), **timing)


@command.command()
@_host_options
@click.option(
    "--migration-port",
    metavar="N",
    type=_PORT,
    default=0,
    show_default=True,
    help="Where guests come in; 0: any port that is free.",
)
def destination(migration_port: int, **options: Any) -> int:
    """A host that waits for a guest and its client. It takes the same lines on stdin as a source.

    Exit status: 0; 2 wrong input; 130 after Ctrl-C.
    """
    return _run(None, False, {"spice": options["port"], "migration": migration_port}, options)


def _run(plan: Plan | None, has_guest: bool, ports: dict[str, int], options: dict[str, Any]) -> int:
    from switchover.host_timeline import HostTimeline
    from switchover.hosting import Hosting, host_password, run_host
    from switchover.runtime.spice.host import HostEndpoint
    from switchover.runtime.spice.host_options import HostOptions, Video
    from switchover.server_design import secured_channels, server_design
    from switchover.terminal import output

    _check_combination(options)
    console = output()
    listening = _listening(ports, options)
    password = None if options["password_file"] is None else host_password(options["password_file"])
    tls, plaintext = secured_channels(options["tls_channels"], options["plaintext_channels"])
    host = HostEndpoint(
        HostOptions(
            design=server_design(options["design"], options["repairs"], options["mutations"]),
            password=password,
            video=None if options["no_video"] else Video(),
            sound=options["sound"],
            clock_offset=options["clock_offset"],
            tls_channels=tls,
            plaintext_channels=plaintext,
            watches_arrivals=options["design"] == "reference",
        )
    )
    timeline = HostTimeline(console, options["everything"])
    hosting = Hosting(host, timeline.say, timeline.show, plan, has_guest, options["ticket_lifetime"])
    run_host(hosting, listening, options["seconds"])
    return 130 if hosting.interrupted else 0


def _check_combination(options: dict[str, Any]) -> None:
    """Nothing that is asked for is left undone without a word. Raises InputError."""
    from switchover.errors import InputError

    if options["ticket_lifetime"] is not None and options["password_file"] is None:
        raise InputError("--ticket-lifetime needs --password-file")
    if options["tls_port"] is None:
        for name in ("certificate", "key", "tls_channels", "plaintext_channels"):
            if options[name]:
                raise InputError(f"--{name.replace('_', '-').removesuffix('s')} needs --tls-port")
    elif options["certificate"] is None or options["key"] is None:
        raise InputError("--tls-port needs --certificate and --key")


def _listening(ports: dict[str, int], options: dict[str, Any]) -> Listening:
    from switchover.errors import InputError
    from switchover.hosting import Listening
    from switchover.runtime.tls import server_context

    if options["tls_port"] is None:
        return Listening(options["address"], ports)
    try:
        context = server_context(options["certificate"], options["key"])
    except OSError as error:
        raise InputError(f"{error.filename}: cannot be read: {error.strerror}; expected a PEM file") from None
    except ValueError as error:
        raise InputError(str(error)) from None
    return Listening(options["address"], {**ports, "spice-tls": options["tls_port"]}, context)
