"""The command ``kg``. Thin: each command calls one function of the library."""

from __future__ import annotations

import os
import sys

import click

import kg
from kg.cli.shared.taught import Group
from kg.errors import KgError, SettingsError, UsageError
from kg.machine import ending
from kg.machine.room import no_room

__all__ = ["main"]

DONE, AT_FAULT, WRONG_USAGE, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 130, 141


_COMMANDS = {
    "build": "kg.cli.make:build",
    "check": "kg.cli.make:check",
    "citations": "kg.cli.releases:citations",
    "crate": "kg.cli.crate:crate",
    "export": "kg.cli.export:export",
    "init": "kg.cli.init:init",
    "mcp": "kg.cli.agents:agents",
    "new": "kg.cli.new:new",
    "query": "kg.cli.read:query",
    "release": "kg.cli.releases:release",
    "review": "kg.cli.review:review",
    "serve": "kg.cli.serve:serve",
    "sheet": "kg.cli.sheet:sheet",
    "source": "kg.cli.make:source",
}


def _tell_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        click.echo(f"kg, version {kg.__version__}")
        context.exit()


@click.group(
    cls=Group,
    elsewhere=_COMMANDS,
    examples=(
        "kg check            is the data right?",
        "kg build            make a release of it",
        "kg serve            SPARQL, pages, search and downloads at http://127.0.0.1:8000",
        "kg serve FILE       the same of any file of RDF, as it is",
        "kg query FILE       ask the release",
        "kg export IRI       an entity, or all of it, in another format",
        "kg release list     releases side by side: activate, diff, verify, prune",
    ),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_tell_version,
    help="Show the version and exit.",
)  # fmt: skip
def cli() -> None:
    """Publish a knowledge graph: point it at an ontology and a folder of curated RDF.

    Settings are flags or KG_... variables of the same name (KG_RELEASES, KG_PORT, ...).
    Exit codes: 0 done; 1 the data or the query is at fault; 2 wrong usage.
    """


def main() -> None:
    """Run the command and exit with its code; errors go to stderr. Or tell a shell what may follow."""
    if instruction := os.environ.get(_COMPLETE):
        from click.shell_completion import shell_complete

        sys.exit(shell_complete(cli, {}, "kg", _COMPLETE, instruction))
    ending.ends_with_the_command()
    code = _run()
    ending.leave(code)
    sys.exit(code)


_COMPLETE = "_KG_COMPLETE"
"""What a shell sets to ask what may follow: ``eval "$(_KG_COMPLETE=bash_source kg)"``, also zsh and fish."""


def _run() -> int:
    try:
        # Not cli.main(), which would answer a closed pipe in its own way.
        with cli.make_context("kg", sys.argv[1:]) as context:
            cli.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as error:
        error.show()
        return WRONG_USAGE
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        # The reader (such as head) has what it wants.
        _flush_no_more()
        return PIPE_CLOSED
    except Exception as error:
        told = error if isinstance(error, KgError) else no_room("it can't be done now", error)
        if told is None:
            raise
        if told is not error:
            _flush_no_more()
        click.echo(_painted(told), err=True)
        return WRONG_USAGE if isinstance(told, UsageError | SettingsError) else AT_FAULT
    return DONE


def _flush_no_more() -> None:
    """Let what standard output can't take go: Python would complain at exit when it flushes."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _painted(error: KgError) -> str:
    plain = "NO_COLOR" in os.environ or not sys.stderr.isatty()
    return f"error: {error}" if plain else click.style("error: ", fg="red", bold=True) + str(error)
