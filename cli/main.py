"""The command ``switchover``: finds the sub-command, and turns every way to end into an exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, NoReturn

import click

from .errors import InputError

COMMANDS = ("list", "check", "explain", "draw", "conform", "follow", "run", "simulate", "bench")

#: Exit statuses of the contract, see docs/command-line.md.
INPUT_ERROR, INTERRUPTED = 2, 130


class _OutputClosedError(Exception):
    """Nobody reads stdout any more. Not an OSError, for click would end with a status of its own."""


@contextmanager
def _noticing_closed_output() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise _OutputClosedError from None


class Program(click.Group):
    """A group whose commands are imported when they are called for, and return their exit status."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = import_module(f"switchover.commands.{cmd_name}").command
        return found

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        with _noticing_closed_output():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        with _noticing_closed_output():
            status = super().invoke(ctx)
            sys.stdout.flush()
            return status

    def main(self, *args: Any, **kwargs: Any) -> NoReturn:
        kwargs |= {"standalone_mode": False, "prog_name": "switchover"}
        if sys.stdout is None:
            sys.exit(_complain("switchover: stdout is closed; expected a terminal, a file or a pipe to print to"))
        _tolerate_unprintable_characters()
        try:
            status = super().main(*args, **kwargs)
            with _noticing_closed_output():
                sys.stdout.flush()
        except click.UsageError as error:
            where = error.ctx.command_path if error.ctx is not None else "switchover"
            status = _complain(f"{where}: {error.format_message()}")
        except (InputError, click.ClickException) as error:
            status = _complain(f"switchover: {error}")
        except (KeyboardInterrupt, click.Abort):
            status = INTERRUPTED
        except _OutputClosedError:
            _stop_writing()
            status = _complain("switchover: the output was closed before all of it was written")
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            status = _complain(f"switchover: {place}{error.strerror or error}")
        sys.exit(status or 0)


def _complain(line: str) -> int:
    click.echo(" ".join(line.split()), err=True)
    return INPUT_ERROR


def _tolerate_unprintable_characters() -> None:
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def _stop_writing() -> None:
    # The interpreter flushes stdout once more when it exits; that must not fail again.
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        return


@click.group(
    "switchover", cls=Program, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(package_name="switchover", message="%(version)s")
@click.pass_context
def main(context: click.Context) -> None:
    """Executable, checkable models of the moment when a live migration hands its clients over.

    Exit status: 0 every verdict is as expected; 1 one is not; 2 wrong input; 3 one is unknown; 130 after Ctrl-C.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
