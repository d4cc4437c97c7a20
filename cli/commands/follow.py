"""``switchover follow``: a client on a real server, through its migrations."""

from __future__ import annotations

import click
from switchover.number import SECONDS


@click.command()
@click.argument("address", metavar="spice://HOST:PORT")
@click.option("--password-file", metavar="FILE", help="The password is the first line of FILE; - is stdin.")
@click.option("--for", "seconds", metavar="SECONDS", type=SECONDS, help="Stop after so long.")
@click.option("--handovers", metavar="N", type=click.IntRange(min=1), help="Stop when N handovers are over.")
@click.option(
    "--design",
    type=click.Choice(["reference", "shipped"]),
    default="reference",
    show_default=True,
    help="Our client with all repairs, or one that does as spice-gtk does.",
)
@click.option(
    "--ca-file",
    metavar="FILE",
    help="PEM file of the authorities that sign certificates: this server's, and those of servers it sends to.",
)
@click.option(
    "--host-subject", metavar="SUBJECT", default="", help="The subject of this server's certificate, with tls-port."
)
@click.option("--record", metavar="FILE", help="Write what was seen to FILE, which `conform` reads.")
@click.option("--all", "everything", is_flag=True, help="Show every message, not only what matters to a handover.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object at the end instead of the timeline.")
def command(
    address: str,
    password_file: str | None,
    seconds: float | None,
    handovers: int | None,
    design: str,
    ca_file: str | None,
    host_subject: str,
    record: str | None,
    everything: bool,
    as_json: bool,
) -> int:
    """Connect to a real SPICE server, stay through migrations, and report what was seen.

    A line an event: seconds since the first, host (A, B, … as they are met), channel, message, and what the client's
    multimedia clock shows, in ms. At the end a row for each handover: how long the client took to link to the target
    and to go over, the time without picture, frames lost, jumps of the clock.

    The server may also be given as spice://HOST?port=PORT&tls-port=PORT.

    Exit status: 0 the client was in service at the end, and nothing came that the model does not allow; 1 it was not,
    or something did; 2 wrong input, or an output that cannot be written; 130 after Ctrl-C.
    """
    from rich.text import Text

    # What prints the report is loaded now: at the end nobody wants to wait for it.
    from switchover.follow_report import print_report, report_json
    from switchover.following import Following, check_authorities, follow
    from switchover.recording_file import RecordingFile
    from switchover.runtime.spice.client import ClientEndpoint
    from switchover.spice_address import client_options, read_address, read_password
    from switchover.terminal import output
    from switchover.timeline import Timeline

    server = read_address(address, host_subject)
    client = ClientEndpoint(server, read_password(password_file), client_options(design))
    if ca_file is not None:
        check_authorities(ca_file)
    following = Following(client)
    console = output()
    if not as_json:
        following.show = Timeline(console, following.recording.host, client.mm_time, everything).show
    following.file = None if record is None else RecordingFile(record)
    try:
        follow(following, seconds, handovers, ca_file)
        if as_json:
            console.print(Text(report_json(following)), soft_wrap=True)
        else:
            print_report(console, following)
    finally:
        if following.file is not None:
            following.file.close()
    if following.refusals.wanting_tls and server.tls_port is None:
        channels = ", ".join(following.refusals.wanting_tls)
        expected = "expected its port for that in the address, spice://HOST?port=PORT&tls-port=PORT"
        click.echo(f"switchover: the server wants TLS for {channels}; {expected}", err=True)
    if ca_file is not None and not following.met_tls:
        click.echo(f"switchover: --ca-file {ca_file} was not needed: no server was met with TLS", err=True)
    if following.interrupted:
        return 130
    is_right = following.is_in_service and not following.log.not_allowed and not following.judgement.is_wrong
    return 0 if is_right else 1
