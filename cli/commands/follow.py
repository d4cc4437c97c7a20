"""``switchover follow``: a client on a real server, through its migrations."""

from __future__ import annotations

from contextlib import ExitStack

import click


@click.command()
@click.argument("address", metavar="spice://HOST:PORT")
@click.option("--password-file", metavar="FILE", help="The password is the first line of FILE; - is stdin.")
@click.option("--for", "seconds", metavar="SECONDS", type=click.FloatRange(min=0), help="Stop after so long.")
@click.option("--handovers", metavar="N", type=click.IntRange(min=1), help="Stop when N handovers are over.")
@click.option(
    "--design",
    type=click.Choice(["reference", "shipped"]),
    default="reference",
    show_default=True,
    help="Our client with all repairs, or one that does as spice-gtk does.",
)
@click.option("--ca-file", metavar="FILE", help="PEM file of the authorities that sign servers' certificates.")
@click.option("--host-subject", metavar="SUBJECT", default="", help="With TLS: the server's certificate's subject.")
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

    Exit status: 0 the client was in service to the end, and nothing came that the model does not allow; 1 the session
    was lost, or something did; 2 wrong input; 130 after Ctrl-C.
    """
    # What prints the report is loaded now: at the end nobody wants to wait for it.
    from switchover.follow_report import print_report, report_json
    from switchover.following import Following, follow
    from switchover.runtime.spice.client import ClientEndpoint
    from switchover.spice_address import client_options, read_address, read_password
    from switchover.terminal import output
    from switchover.timeline import Timeline

    client = ClientEndpoint(read_address(address, host_subject), read_password(password_file), client_options(design))
    following = Following(client)
    console = output()
    if not as_json:
        following.show = Timeline(console, following.recording.host, client.mm_time, everything).show
    with ExitStack() as stack:
        if record is not None:
            following.file = stack.enter_context(open(record, "w", encoding="utf-8"))
        follow(following, seconds, handovers, ca_file)
    if as_json:
        click.echo(report_json(following))
    else:
        print_report(console, following)
    if following.interrupted:
        return 130
    return 1 if client.state != "closed" or following.log.not_allowed or following.judgement.is_wrong else 0
