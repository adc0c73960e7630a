"""Commands whose help ends with examples to copy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import Any

import click


def _write_examples(formatter: click.HelpFormatter, examples: Sequence[str]) -> None:
    with formatter.section("Examples"):
        for example in examples:
            formatter.write(f"{'':>{formatter.current_indent}}{example}\n")


class Command(click.Command):
    """A command with ``examples``, lines that show how it is used, and ``tables`` of names and what they are.

    A table is asked for by its title when help is shown.
    """

    def __init__(
        self,
        *args: Any,
        examples: Sequence[str] = (),
        tables: Mapping[str, Callable[[], Sequence[tuple[str, str]]]] = MappingProxyType({}),
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.examples = examples
        self.tables = tables

    def format_epilog(self, _context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the tables and the examples below the options."""
        for title, rows in self.tables.items():
            with formatter.section(title):
                formatter.write_dl(rows())
        _write_examples(formatter, self.examples)


class Group(click.Group):
    """A group of commands with ``examples``.

    Commands may stand ``elsewhere``, as ``module:attribute``: imported when they are asked for, with all that
    they need.
    """

    def __init__(
        self,
        *args: Any,
        examples: Sequence[str] = (),
        elsewhere: Mapping[str, str] = MappingProxyType({}),
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.examples = examples
        self.elsewhere = elsewhere

    def list_commands(self, context: click.Context) -> list[str]:
        """Return the names of all commands, sorted."""
        return sorted({*super().list_commands(context), *self.elsewhere})

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Return a command by its name, if there is one."""
        if name not in self.elsewhere:
            return super().get_command(context, name)
        module, _, attribute = self.elsewhere[name].partition(":")
        found: click.Command = getattr(import_module(module), attribute)
        return found

    def format_epilog(self, _context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples below the list of commands."""
        _write_examples(formatter, self.examples)
