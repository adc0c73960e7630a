"""``kg new``: begin a file from a template."""

from __future__ import annotations

from pathlib import Path

import click

from kg import resources
from kg.cli.shared.taught import Command
from kg.errors import UsageError

_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command(
    short_help="Begin a file from a template.",
    cls=Command,
    examples=(
        "kg new                         what can be begun?",
        "kg new document --source lakeside-2024",
        "kg new passage --source lakeside-2024 --passage p03 --sources texts/",
        "kg new measurement --source lakeside-2024 --passage p03 --slug lakeside --set value=120",
    ),
)
@click.argument("template", required=False)
@click.option("--source", help="The source's slug: the name of its folder in the data.")
@click.option("--passage", help="The paragraph that states it: p01, p02, ...")
@click.option("--slug", help="The thing's slug: the last part of its IRI.")
@click.option(
    "--set", "given", multiple=True, metavar="NAME=VALUE", help="Fill another slot of the template."
)
@click.option(
    "--sources", "texts", type=_FOLDER, help="A folder of texts: lengths and checksums come from it."
)
@click.option(
    "--ontology", type=_FOLDER, help="The folder of the ontology [default: the one that came along]."
)
@click.option("--data", type=_FOLDER, help="The folder of the data [default: the one that came along].")
def new(
    template: str | None,
    given: tuple[str, ...],
    texts: Path | None,
    ontology: Path | None,
    data: Path | None,
    **slots: str | None,
) -> None:
    """Write a commented skeleton of something new to where it belongs; without TEMPLATE, list what there is.

    It asks nothing and writes over nothing. What says FILL IN is yours to write; kg check finds what is left.
    """
    from kg import skeletons

    ontology, data = ontology or resources.ontology_dir(), data or resources.data_dir()
    if template is None:
        for name, one in skeletons.skeletons(ontology).items():
            click.echo(f"{name:<12} {one.about}")
        return
    filled = {name: value for name, value in slots.items() if value is not None} | _pairs(given)
    click.echo(skeletons.write(ontology, data, template, filled, texts=texts))


def _pairs(given: tuple[str, ...]) -> dict[str, str]:
    for pair in given:
        if "=" not in pair:
            raise UsageError(f"--set {pair} fills nothing", hint="write --set NAME=VALUE")
    return dict(pair.split("=", 1) for pair in given)
