"""``kg review``: read what passages are said to state, sentence by sentence."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from kg import resources
from kg.cli.shared.taught import Command
from kg.errors import UsageError
from kg.languages import ORIGINAL

_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command(
    short_help="Read what passages are said to state, sentence by sentence.",
    cls=Command,
    examples=(
        "kg review --missing                      what has no second reader read?",
        "kg review NAME --sources texts/          a source's sentences, numbered, beside its text",
        "kg review NAME --by reader-2 --yes all --no 3,7 --reading 5",
        "kg review NAME --by reader-2 --curator curator-1 --yes 1-40",
    ),
)
@click.argument("name", required=False)
@click.option(
    "--sources", "texts", type=_FOLDER, help="A folder of documents' texts, to show beside the sentences."
)
@click.option("--missing", is_flag=True, help="List what no second reader has read, or what changed since.")
@click.option("--by", help="The reader's role, such as reader-2. With it verdicts are recorded.")
@click.option("--curator", help="The role of whoever wrote the source down; said with the first review.")
@click.option(
    "--yes", help="Numbers of sentences that their passage says: 1,4-9, or all that have no other verdict."
)
@click.option("--no", "wrong", help="Numbers of those that it doesn't say.")
@click.option("--reading", help="Numbers of those that are concluded, not said.")
@click.option(
    "--date", "on", type=click.DateTime(["%Y-%m-%d"]), help="The day of the review [default: today]."
)
@click.option("--renumber", is_flag=True, help="Carry reviews over to passages that have another number now.")
@click.option("--language", default=ORIGINAL, show_default=True, help="The language of the sentences.")
@click.option(
    "--ontology", type=_FOLDER, help="The folder of the ontology [default: the one that came along]."
)
@click.option("--data", type=_FOLDER, help="The folder of the data [default: the one that came along].")
def review(
    name: str | None,
    *,
    texts: Path | None,
    missing: bool,
    by: str | None,
    curator: str | None,
    yes: str | None,
    wrong: str | None,
    reading: str | None,
    on: datetime | None,
    renumber: bool,
    language: str,
    ontology: Path | None,
    data: Path | None,
) -> None:
    """Write out each statement of a source in words, or record what a reader found of them.

    A reader who didn't write the source down says of each sentence whether its passage says it (yes), doesn't
    (no), or it is a conclusion (reading). The verdicts are kept beside the data; one on a sentence that
    changed since counts no more.
    """
    from kg import review as reviews

    ontology, data = ontology or resources.ontology_dir(), data or resources.data_dir()
    if missing:
        _show_missing(ontology, data)
        return
    if name is None or not (data / name).is_dir():
        raise UsageError(
            f"there is no source {name!r}" if name else "which source?", hint="kg review NAME, or --missing"
        )
    sentences = reviews.read_sentences(ontology, data, name)
    if renumber:
        for old, new in reviews.renumber(data / name, sentences).items():
            click.echo(f"{old} is {new}")
        return
    if by is None:
        if yes or wrong or reading:
            raise UsageError("a verdict is somebody's", hint="say whose by --by, such as --by reader-2")
        words = reviews.read_words(ontology, data, sentences, language=language)
        paragraphs = reviews.read_paragraphs(texts, data, name) if texts else {}
        for line in reviews.listing(sentences, words, paragraphs):
            click.echo(line)
        return
    found = {"no": _numbers(wrong), "reading": _numbers(reading)}
    rest = [
        one.number
        for one in sentences
        if one.number not in found["no"] and one.number not in found["reading"]
    ]
    found["yes"] = rest if yes == "all" else _numbers(yes)
    kept = reviews.record(data / name, sentences, found, by=by, curator=curator, on=on.date() if on else None)
    click.echo(f"{kept} verdicts on {len(sentences)} sentences of {name} are kept")


def _numbers(text: str | None) -> list[int]:
    found: list[int] = []
    for part in (text or "").replace(" ", "").split(","):
        first, _, last = part.partition("-")
        if not part:
            continue
        if not first.isdigit() or (last and not last.isdigit()):
            raise UsageError(
                f"{part!r} is no number of a sentence", hint="write 3, 7-9, or several with commas"
            )
        found += range(int(first), int(last or first) + 1)
    return found


def _show_missing(ontology: Path, data: Path) -> None:
    from kg import review as reviews

    unread = reviews.missing(ontology, data)
    for source, sentences in unread.items():
        passages = sorted({one.passage.locator for one in sentences})
        click.echo(f"{source}\t{len(sentences)}\t{' '.join(passages)}")
    count = reviews.count(ontology, data)
    click.echo(f"{count.read} of {count.sentences} sentences were read by a second reader", err=True)
