"""A citation in the styles that papers and reference managers want. Pure.

BibTeX (with the fields of BibLaTeX's ``@dataset``), RIS, CSL-JSON 1.0, APA 7 (§10.9), GB/T 7714-2015 (§4.6,
DS/OL) and DataCite 4.5.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from kg.languages import ORIGINAL


@dataclass(frozen=True)
class Work:
    """What is cited. Dates are ISO 8601 (a year, month or day); ``url`` is the persistent address.

    ``part_of`` is the title of the dataset that a result is taken from; ``checksum`` (sha256 in hex) verifies
    it; ``page``: it is a web page, not a dataset.
    """

    title: str
    url: str
    date: str
    version: str = ""
    creators: tuple[str, ...] = ()
    publisher: str = ""
    accessed: str = ""
    part_of: str = ""
    checksum: str = ""
    rows: int | None = None
    license: str = ""
    language: str = ORIGINAL
    page: bool = False

    @property
    def year(self) -> str:
        """The year of the date, or ``n.d.``."""
        return self.date[:4] or "n.d."

    @property
    def key(self) -> str:
        """A key for BibTeX: letters and digits of the address's end and the year."""
        tail = re.sub(r"[^A-Za-z0-9]+", "-", re.sub(r"^[a-z]+://[^/]*/?", "", self.url)).strip("-").lower()
        return f"{tail or 'dataset'}-{self.year.strip('.')}"


def bibtex(work: Work) -> str:
    """Return a BibTeX entry; braces and backslashes of the text are escaped."""
    # BibTeX has no field for the dataset that a result is of.
    note = ", ".join(part for part in (f"In: {work.part_of}" if work.part_of else "", _note(work)) if part)
    fields = {
        "title": f"{{{_tex(work.title)}}}",
        "author": " and ".join(f"{{{_tex(name)}}}" for name in work.creators),
        "year": work.year,
        "date": work.date,
        "version": _tex(work.version),
        "publisher": _tex(work.publisher),
        "url": work.url,
        "urldate": work.accessed,
        "note": _tex(note),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value and value != "n.d."]
    return f"@{'online' if work.page else 'dataset'}{{{work.key},\n" + "\n".join(lines) + "\n}\n"


def ris(work: Work) -> str:
    """Return a RIS record."""
    pairs = [
        ("TY", "ELEC" if work.page else "DATA"),
        ("TI", work.title),
        *(("AU", name) for name in work.creators),
        ("PY", work.year if work.year != "n.d." else ""),
        ("DA", work.date.replace("-", "/")),
        ("ET", work.version),
        ("T2", work.part_of),
        ("PB", work.publisher),
        ("UR", work.url),
        ("Y2", work.accessed.replace("-", "/")),
        ("N1", _note(work)),
        ("LA", work.language),
        ("ER", ""),
    ]
    return "".join(f"{tag}  - {_line(text)}\r\n" for tag, text in pairs if text or tag == "ER")


def csl(work: Work) -> str:
    """Return CSL-JSON: a list of one item."""
    item: dict[str, object] = {
        "id": work.key,
        "type": "webpage" if work.page else "dataset",
        "title": work.title,
        "author": [{"literal": name} for name in work.creators],
        "issued": _parts(work.date),
        "accessed": _parts(work.accessed),
        "version": work.version,
        "publisher": work.publisher,
        "container-title": work.part_of,
        "URL": work.url,
        "note": _note(work),
        "language": work.language,
    }
    return json.dumps([{k: v for k, v in item.items() if v}], ensure_ascii=False, indent=2) + "\n"


def apa(work: Work) -> str:
    """Return the reference in APA style; without an author the title takes its place (APA 7 §9.12)."""
    version = f" (Version {work.version})" if work.version else ""
    title = f"{work.title}{version}" + ("" if work.page else " [Data set]")
    names = _joined(work.creators)
    lead = f"{names} ({work.year}). {title}." if names else f"{title}. ({work.year})."
    whole = f" In {work.part_of}." if work.part_of else ""
    # Where the author publishes, APA leaves the publisher out.
    publisher = f" {work.publisher}." if work.publisher and work.publisher not in work.creators else ""
    accessed = f" Retrieved {work.accessed}, from" if work.accessed else ""
    return f"{lead}{whole}{publisher}{accessed} {work.url}\n"


def gbt7714(work: Work) -> str:
    """Return the reference by GB/T 7714-2015: a dataset (DS/OL) or a page (EB/OL) online."""
    who = f"{', '.join(work.creators)}. " if work.creators else ""
    whole = f"//{work.part_of}" if work.part_of else ""
    version = f" {work.version} 版." if work.version else ""
    publisher = f" {work.publisher}," if work.publisher else ""
    year = f" {work.year}" if publisher and work.year != "n.d." else ""
    dates = (f"({work.date})" if work.date else "") + (f"[{work.accessed}]" if work.accessed else "")
    place = f"{publisher}{year}{dates or ''}"
    place = f" {place.strip()}." if place.strip() else ""
    return f"{who}{work.title}[{'EB' if work.page else 'DS'}/OL]{whole}.{version}{place} {work.url}.\n"


def datacite(work: Work) -> str:
    """Return DataCite 4.5 metadata as JSON; the identifier is the address, as there is no DOI."""
    record: dict[str, object] = {
        "types": {
            "resourceTypeGeneral": "Dataset",
            "resourceType": "Query result" if work.part_of else "Knowledge graph",
        },
        "url": work.url,
        "alternateIdentifiers": [{"alternateIdentifier": work.url, "alternateIdentifierType": "URL"}],
        "titles": [{"title": work.title, "lang": work.language}],
        "creators": [{"name": name} for name in work.creators] or [{"name": work.publisher or ":unav"}],
        "publisher": {"name": work.publisher or ":unav"},
        "publicationYear": work.year if work.year != "n.d." else ":unav",
        "dates": [{"date": work.date, "dateType": "Issued"}] if work.date else [],
        "version": work.version,
        "rightsList": [{"rightsUri": work.license}] if work.license else [],
        "relatedItems": [
            {"titles": [{"title": work.part_of}], "relationType": "IsPartOf", "relatedItemType": "Dataset"}
        ]
        if work.part_of
        else [],
        "descriptions": [{"description": _note(work), "descriptionType": "TechnicalInfo"}]
        if _note(work)
        else [],
        "schemaVersion": "http://datacite.org/schema/kernel-4",
    }
    return json.dumps({k: v for k, v in record.items() if v}, ensure_ascii=False, indent=2) + "\n"


@dataclass(frozen=True)
class Style:
    """A style: its name, what readers call it, its media type and file extension, and its writer."""

    name: str
    label: str
    media_type: str
    extension: str
    write: Callable[[Work], str]


STYLES: Mapping[str, Style] = MappingProxyType(
    {
        style.name: style
        for style in (
            Style("apa", "APA", "text/plain", "txt", apa),
            Style("gbt7714", "GB/T 7714", "text/plain", "txt", gbt7714),
            Style("bibtex", "BibTeX", "application/x-bibtex", "bib", bibtex),
            Style("ris", "RIS", "application/x-research-info-systems", "ris", ris),
            Style("csl", "CSL-JSON", "application/vnd.citationstyles.csl+json", "json", csl),
            Style(
                "datacite", "DataCite", "application/vnd.datacite.datacite+json", "datacite.json", datacite
            ),
        )
    }
)


def reference_list(works: Sequence[Work], style: str) -> str:
    """Return several works in one of `LISTED`, in their order, numbered.

    Keys begin with the number, so that they are unique.
    """
    entries = [STYLES[style].write(work) for work in works]
    if style == "csl":
        items = [item for entry in entries for item in json.loads(entry)]
        for number, item in enumerate(items, 1):
            item["id"], item["citation-number"] = f"{number}-{item['id']}", str(number)
        return json.dumps(items, ensure_ascii=False, indent=2) + "\n"
    if style == "bibtex":
        return "".join(_KEY.sub(rf"\g<1>{number}-", entry) for number, entry in enumerate(entries, 1))
    if style == "ris":
        return "".join(entries)
    return "".join(f"[{number}] {entry}" for number, entry in enumerate(entries, 1))


LISTED = ("gbt7714", "apa", "bibtex", "ris", "csl")
"""The styles in which several works can be listed."""
_KEY = re.compile(r"^(@\w+\{)")


def in_language(work: Work, language: str) -> Work:
    """Return the work as cited in a language."""
    return replace(work, language=language)


def _note(work: Work) -> str:
    parts = [
        f"{work.rows} rows" if work.rows is not None else "",
        f"sha256:{work.checksum}" if work.checksum else "",
    ]
    return ", ".join(part for part in parts if part)


def _parts(date: str) -> dict[str, list[list[int]]]:
    numbers = [int(part) for part in date[:10].split("-") if part.isdigit()]
    return {"date-parts": [numbers]} if numbers else {}


def _joined(names: tuple[str, ...]) -> str:
    if len(names) < 3:
        return " & ".join(names)
    return f"{', '.join(names[:-1])}, & {names[-1]}"


_TEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "%": r"\%", "$": r"\$",
    "#": r"\#", "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
}  # fmt: skip


def _tex(text: str) -> str:
    return "".join(_TEX.get(character, character) for character in _line(text))


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
