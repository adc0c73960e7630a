"""``kg new`` and the guide: a beginner adds a case by docs/curating.md, breaks it, and reads what is said."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kg import resources, skeletons
from kg.cli import cli
from kg.errors import DataError, KgError, UsageError
from kg.evidence import FILE
from kg.make import check
from tests.documents import document_text

GUIDE = document_text("curating.md")
ONTOLOGY = resources.ontology_dir()
SOURCE = "hupanli-2024-renewal"
WRITTEN = {
    "FILL IN: what to call the document": "Hupanli renewed",
    "FILL IN: 文献简称 第 N 段": "湖畔里焕新 第 2 段",
    "FILL IN: 文獻簡稱 第 N 段": "湖畔里煥新 第 2 段",
    "FILL IN: 文献简称": "湖畔里焕新",
    "FILL IN: 文獻簡稱": "湖畔里煥新",
    "FILL IN: the title as on the page": "湖畔里小区焕新",
    "FILL IN: the address of the page": "https://example.org/2024/hupanli",
    "FILL IN: one line on what it says": "A compound gains berths.",
    "FILL IN: one line on what the paragraph says": "A compound gains berths.",
    "FILL IN: 一句话概括": "小区新增停车位。",
    "FILL IN: 一句話概括": "小區新增停車位。",
    "FILL IN: Read whole, or Read as an excerpt: how you came by the text": "Read whole, on the page.",
    "FILL IN: the document's name, paragraph N": "Hupanli renewed, paragraph 2",
    "FILL IN: the name as in the text": "湖畔里小区",
    "FILL IN: the name in pinyin or English": "Hupanli",
    "FILL IN: Renewal of ...": "Renewal of Hupanli",
    "FILL IN: ……旧改": "湖畔里旧改",
    "FILL IN: why you read it so": "English names; the text tells that it is renewed.",
    "FILL IN: 解读理由": "英文名称；原文述其改造。",
    "# <id/measurement/hupanli/parking-berths-added-120> linli:hasQualifier qualifier:nearly": (
        "<id/measurement/hupanli/parking-berths-added-120> linli:hasQualifier qualifier:more-than"
    ),
}


class Desk:
    """A curator's desk: a small dataset, and a folder of texts beside it."""

    def __init__(self, root: Path) -> None:
        self.data, self.texts = root / "data", root / "texts"
        self.data.mkdir()
        self.texts.mkdir()
        for name in ("dataset.ttl", "pinyin.csv"):
            shutil.copy(resources.data_dir() / name, self.data / name)
        about = self.data / "dataset.ttl"
        # The place that the dataset is about isn't in this little one.
        about.write_text(re.sub(r"\n    dcterms:spatial .*", "", about.read_text("utf-8")), encoding="utf-8")
        text = "\n".join(
            line[4:] for line in GUIDE.splitlines() if line.startswith(("    [p", "    # Title"))
        )
        (self.texts / f"{SOURCE}.txt").write_text(text, encoding="utf-8")

    def run(self, command: str) -> Result:
        words = shlex.split(command.replace("../texts", str(self.texts)))[1:]
        done = CliRunner().invoke(cli, [*words, "--data", str(self.data)])
        if done.exception and not isinstance(done.exception, SystemExit | KgError):
            raise done.exception
        return done

    def file(self, name: str) -> Path:
        return self.data / SOURCE / name

    def fill(self) -> None:
        for name in ("source.ttl", "p02.trig"):
            text = self.file(name).read_text("utf-8")
            for old, new in WRITTEN.items():
                text = text.replace(old, new)
            self.file(name).write_text(text, encoding="utf-8")

    def change(self, name: str, old: str, new: str) -> None:
        text = self.file(name).read_text("utf-8")
        assert old in text
        self.file(name).write_text(text.replace(old, new, 1), encoding="utf-8")

    def faults(self) -> str:
        try:
            check(ONTOLOGY, self.data)
        except DataError as error:
            return str(error)
        return ""


def commands(verb: str) -> list[str]:
    """The guide's own commands."""
    return re.findall(rf"^    (kg {verb}\b.*)$", GUIDE, re.MULTILINE)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk on which the guide was followed up to the check."""
    made = Desk(tmp_path)
    for command in commands("new"):
        done = made.run(command)
        assert done.exit_code == 0, (command, done.output, done.exception)
    return made


def test_the_guide_leads_to_data_that_is_right(desk: Desk) -> None:
    assert len(commands("new")) >= 6
    assert desk.faults().count("this is still to be written") >= 15
    desk.fill()
    assert desk.faults() == ""
    for command in commands("check"):
        done = desk.run(command)
        assert done.exit_code == 0, (done.output, done.exception)
    assert (
        "3 values of 1 passages of 1 sources stand in their texts" in done.output
        or "values of" in done.output
    )
    assert desk.file(FILE).is_file()


def test_the_guide_s_second_reader_reads_and_records(desk: Desk) -> None:
    desk.fill()
    asked, recorded = commands("review")
    sentences = desk.run(asked)
    assert sentences.exit_code == 0, sentences.output
    done = desk.run(recorded)
    assert done.exit_code == 0, (done.output, sentences.output)
    assert "reader-2" in desk.file("_review.json").read_text("utf-8")


def test_the_guide_s_last_lines_commit_the_source(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = re.findall(r"^    (git .*)$", GUIDE, re.MULTILINE)
    assert [line.split()[1] for line in lines] == ["switch", "add", "commit"]
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "curator-1")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "curator-1@example.org")
    for line in ("git init --quiet", *lines):
        subprocess.run(shlex.split(line), cwd=desk.data.parent, check=True, capture_output=True)
    listed = ["git", "show", "--name-only", "--format="]
    added = subprocess.run(listed, cwd=desk.data.parent, check=True, capture_output=True, text=True).stdout
    assert f"data/{SOURCE}/p02.trig" in added.splitlines()


BREAKS: list[tuple[str, str, str, list[str]]] = [
    (
        "p02.trig",
        'rdfs:label "Renewal of Hupanli"@en, "湖畔里旧改"@zh-hans ;',
        'rdfs:label "Renewal of Hupanli"@en, "湖畔里旧改"@zh-hans',
        ["p02.trig:", "expected"],
    ),
    (
        "p02.trig",
        "project:hupanli a linli:",
        "projekt:hupanli a linli:",
        ["the prefix projekt: is unknown", "is project: meant?"],
    ),
    (
        "p02.trig",
        "linli:covers compound:hupanli",
        "linli:covers compound:hupanly",
        ["compound/hupanly> is used, but nothing describes it", "compound/hupanli> meant?"],
    ),
    (
        "p02.trig",
        '"湖畔里小区"@zh-hans',
        '"湖畔里小区"@zh-Hans',
        ["the language tag @zh-Hans is not canonical", "write @zh-hans"],
    ),
    (
        "p02.trig",
        'rdfs:label "Hupanli"@en',
        'rdfs:label "Hupanli"@en, "Lakeside"@en',
        ["one per language", "keep one as the label; others are skos:altLabel"],
    ),
    ("p02.trig", "linli:value 120 ;", 'linli:value "120余" ;', ["linli:value", "The value is one number"]),
    (
        "p02.trig",
        "linli:hasUnit <https://w3id.org/linli/vocabulary/unit/berth>",
        "linli:hasUnit <http://qudt.org/vocab/unit/M2>",
        ["mend:"],
    ),
    (
        "source.ttl",
        "linli:isPassageOf <source/hupanli-2024-renewal> ;",
        "",
        ["Say of which document it is a passage"],
    ),
    (
        "p02.trig",
        'kg:reason "English names; the text tells that it is renewed."@en, '
        '"英文名称；原文述其改造。"@zh-hans',
        'rdfs:comment "no reason"@en',
        ["reading", "reason"],
    ),
]


@pytest.mark.parametrize(("name", "old", "new", "said"), BREAKS)
def test_what_a_beginner_breaks_is_told_with_file_line_and_what_would_mend_it(
    desk: Desk, name: str, old: str, new: str, said: list[str]
) -> None:
    desk.fill()
    desk.change(name, old, new)
    told = desk.faults()
    for words in said:
        assert words in told, told
    assert re.search(rf"{re.escape(name)}:\d+", told), told


def test_a_wrong_number_is_found_by_its_text(desk: Desk) -> None:
    desk.fill()
    text = desk.file("p02.trig").read_text("utf-8").replace("linli:value 120", "linli:value 210")
    desk.file("p02.trig").write_text(text, "utf-8")
    done = desk.run(commands("check")[1])
    assert "the figure 210 is not in what supports it: “120余个”" in str(done.exception)


# --- kg new alone ---------------------------------------------------------------------------------


def test_what_can_be_begun_is_listed(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["new"])
    assert done.exit_code == 0
    for name in ("document", "passage", "case", "body", "facility", "measurement", "span"):
        assert re.search(rf"^{name} +[A-Z]", done.output, re.MULTILINE)


def test_nothing_is_written_over(desk: Desk) -> None:
    before = desk.file("source.ttl").read_text("utf-8")
    done = desk.run(commands("new")[0])
    assert isinstance(done.exception, UsageError) and "exists already" in str(done.exception)
    assert desk.file("source.ttl").read_text("utf-8") == before


def test_what_is_added_repeats_no_prefix(desk: Desk) -> None:
    for name in ("source.ttl", "p02.trig"):
        heads = [line for line in desk.file(name).read_text("utf-8").splitlines() if line.startswith("@")]
        assert len(heads) == len(set(heads))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("kg new nothing", "there is no template 'nothing'"),
        ("kg new measurement --source a-1", "measurement needs passage, slug, value"),
        ("kg new document --source 'Lake Side'", "'Lake Side' is no slug"),
        ("kg new document --source ../outside", "is no slug"),
        ("kg new passage --source nowhere --passage p01", "has no folder"),
        ("kg new passage --source nowhere --passage 1", "is no passage"),
        ("kg new case --source a-1 --passage p01 --slug a --set colour=red", "has no slot colour"),
        ("kg new case --set colour", "--set colour fills nothing"),
        (
            f"kg new span --source {SOURCE} --passage p09 --set of=x/y --sources ../texts",
            "there is no text of",
        ),
        (
            f"kg new span --source {SOURCE} --passage p02 --set of=x/y --set words=没有 --sources ../texts",
            "doesn't say '没有'",
        ),
        (
            f"kg new span --source {SOURCE} --passage p02 --set of=x/y --set words=2 --sources ../texts",
            "says more than once '2'",
        ),
    ],
)
def test_wrong_usage_is_told(desk: Desk, words: str, message: str) -> None:
    done = desk.run(words)
    assert isinstance(done.exception, UsageError)
    assert message in str(done.exception)


def test_every_template_says_what_it_is_for_and_where_it_goes() -> None:
    for name, one in skeletons.skeletons(ONTOLOGY).items():
        assert one.about.endswith("."), name
        assert one.file.startswith("$source/"), name
        assert "#" in one.text, f"{name} has no comment that helps"


def test_an_ontology_without_templates_has_none(tmp_path: Path) -> None:
    assert skeletons.skeletons(tmp_path) == {}
    with pytest.raises(UsageError, match="one of none"):
        skeletons.write(tmp_path, tmp_path, "x", {})
