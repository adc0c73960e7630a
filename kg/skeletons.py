"""Skeletons of what a curator writes, from the ontology's templates (``ontology/templates/<name>.trig``).

A template is Turtle or TriG with slots (``$source``). Its first lines, which start with ``#!``, say what it
is for, which file it goes to, and what a slot holds when nobody fills it:

    #! about: A figure that a passage states.
    #! file: $source/$passage.trig
    #! slot: value = 0

The filled template is added to the file, with the prefixes that the file lacks; nothing is overwritten.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from kg.errors import UsageError
from kg.evidence.texts import find_texts, read_text
from kg.machine.whole import write_whole

FOLDER = "templates"
_HEAD = re.compile(r"#! (about|file|slot|new): ?(.*)\n")
_PREFIX = re.compile(r"@(?:prefix|base)\b[^\n]*\.\n")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
_PASSAGE = re.compile(r"p\d\d+\Z")
_GIVEN = ("source", "passage", "slug")


@dataclass(frozen=True)
class Skeleton:
    """A template: what it is for, where it goes, which slots it has, and its text."""

    name: str
    about: str
    file: str
    defaults: Mapping[str, str]
    starts: bool
    """It begins a file of its own."""
    text: str

    @property
    def slots(self) -> tuple[str, ...]:
        """The slots that must be filled, in their order."""
        found = dict.fromkeys(re.findall(r"\$(\w+)", self.file + self.text))
        return tuple(slot for slot in found if slot not in self.defaults)


def skeletons(ontology: Path) -> dict[str, Skeleton]:
    """Return the templates of an ontology by their names."""
    folder = ontology / FOLDER
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    return {path.stem: _read(path) for path in files if path.suffix in {".ttl", ".trig"}}


def _read(path: Path) -> Skeleton:
    text = path.read_text(encoding="utf-8")
    said: dict[str, str] = {}
    defaults: dict[str, str] = {}
    for key, value in _HEAD.findall(text):
        if key == "slot":
            name, _, default = value.partition("=")
            defaults[name.strip()] = default.strip()
        else:
            said[key] = value.strip()
    return Skeleton(
        path.stem, said.get("about", ""), said.get("file", ""), defaults, "new" in said, _HEAD.sub("", text)
    )


def write(
    ontology: Path, data: Path, name: str, slots: Mapping[str, str], *, texts: Path | None = None
) -> Path:
    """Write a skeleton to where it belongs and return the file.

    ``texts`` is a folder of the documents' texts: from it come a passage's length and checksum, and where a
    span's words stand. Raises UsageError when a slot is missing or malformed, or a file is in the way.
    """
    known = skeletons(ontology)
    if name not in known:
        raise UsageError(f"there is no template {name!r}", hint=f"one of {', '.join(known) or 'none'}")
    skeleton = known[name]
    _validate(skeleton, slots)
    filled = {**skeleton.defaults, **slots, **_from_text(data, slots, texts)}
    path = data / Template(skeleton.file).substitute(filled)
    old = path.read_text(encoding="utf-8") if path.is_file() else ""
    if old and skeleton.starts:
        raise UsageError(f"{path} exists already", hint="choose another --source, or edit that file")
    if not old and not skeleton.starts and not path.parent.is_dir():
        raise UsageError(
            f"the source {slots.get('source')!r} has no folder {path.parent}",
            hint="begin with the record of the document (see docs/curating.md)",
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, _added(old, Template(skeleton.text).substitute(filled)))
    return path


def _validate(skeleton: Skeleton, slots: Mapping[str, str]) -> None:
    computed = {"length", "sha256", "start", "end"}
    missing = [slot for slot in skeleton.slots if slot not in slots and slot not in computed]
    if missing:
        flags = " ".join(f"--{s} ..." if s in _GIVEN else f"--set {s}=..." for s in missing)
        raise UsageError(f"{skeleton.name} needs {', '.join(missing)}", hint=f"add {flags}")
    for slot in ("source", "slug"):
        if slot in slots and not _SLUG.match(slots[slot]):
            hint = "write it in small letters, digits and hyphens, such as lakeside-lifts-2024"
            raise UsageError(f"{slots[slot]!r} is no slug", hint=hint)
    if "passage" in slots and not _PASSAGE.match(slots["passage"]):
        raise UsageError(f"{slots['passage']!r} is no passage", hint="count paragraphs: p01, p02, ...")
    unknown = set(slots) - set(skeleton.slots) - set(skeleton.defaults) - set(_GIVEN) - {"words"}
    if unknown:
        raise UsageError(f"{skeleton.name} has no slot {', '.join(sorted(unknown))}")


def _from_text(data: Path, slots: Mapping[str, str], texts: Path | None) -> dict[str, str]:
    """Return a passage's length and checksum, and the place of a span's words, if its text is at hand."""
    found = {"length": "0", "sha256": "FILL IN: the SHA-256 of the paragraph", "start": "0", "end": "0"}
    if texts is None:
        return found
    source, passage = slots.get("source", ""), slots.get("passage", "")
    paragraphs = {
        loc: t
        for name, path in find_texts(texts, data)
        if name == source
        for loc, t in read_text(path).items()
    }
    if passage not in paragraphs:
        hint = f"a line of {texts / source}.txt begins with [{passage}]"
        raise UsageError(f"there is no text of {source} {passage}", hint=hint)
    text = paragraphs[passage]
    found |= {"length": str(len(text)), "sha256": hashlib.sha256(text.encode()).hexdigest()}
    if words := slots.get("words"):
        if text.count(words) != 1:
            times = "doesn't say" if words not in text else "says more than once"
            raise UsageError(
                f"the paragraph {times} {words!r}", hint="copy the words from the text; add some around"
            )
        found |= {"start": str(text.index(words)), "end": str(text.index(words) + len(words))}
    return found


def _added(old: str, new: str) -> str:
    """Return a file's text with the new text after it, and the prefixes that it lacks before it."""
    if not old:
        return new.lstrip("\n")
    heads = [line for line in _PREFIX.findall(new) if line not in old]
    body = _PREFIX.sub("", new).strip("\n")
    place = max((match.end() for match in _PREFIX.finditer(old)), default=0)
    return f"{old[:place]}{''.join(heads)}{old[place:].rstrip()}\n\n{body}\n"
