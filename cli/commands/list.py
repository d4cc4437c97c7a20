"""``switchover list``: the families with their systems, variants, properties and claims."""

from __future__ import annotations

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(as_json: bool) -> int:
    """List families, systems, variants, properties and claims."""
    from switchover.families import all_families
    from switchover.listing import describe_family, print_family

    if as_json:
        import json

        described = [describe_family(each) for each in all_families()]
        click.echo(json.dumps({"schema": 1, "families": described}, indent=1))
        return 0
    from switchover.terminal import output

    for number, each in enumerate(all_families()):
        if number:
            click.echo()
        print_family(output(), each)
    return 0
