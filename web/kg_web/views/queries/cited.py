"""Citations that are kept: where they lie, what each is as a work, and the engine of its release."""

from __future__ import annotations

from pathlib import Path

from flask import abort

from kg.citations.citation import Citation
from kg.citations.formats import Work
from kg.citations.store import QueryStore
from kg.citations.works import result_as_work
from kg.engine import Engine
from kg.errors import ReleaseError
from kg.export.about import about
from kg.release import Release
from kg.release.shelf import find, trusted
from kg_web.clock import today
from kg_web.context import publication
from kg_web.old_releases import Elsewhere
from kg_web.rendering.i18n import language


def store() -> QueryStore:
    """Return the query store of this application."""
    return QueryStore(publication().settings.citation_store(folder_of()))


def citation_of(id: str) -> Citation:
    """Return a kept citation; 404 when there is none so called. Raises CitationError."""
    found = store().get(id)
    if found is None:
        abort(404)
    return found


def folder_of() -> Path:
    """Return the folder in which this release lies beside others."""
    return cited_from().path.parent


def cited_from() -> Release:
    """Return the release that is served, which citations are of; 404 where there is none."""
    release = publication().release
    if release is None:
        abort(404, description="This server answers from an endpoint alone, so nothing can be cited.")
    return release


def engine_of(citation: Citation) -> Engine:
    """Return an engine for a citation's release: our own engine if the release is the active one.

    Raises ReleaseError when there is none of that version, or another than was cited, or it is damaged.
    """
    publication_, active = publication(), cited_from()
    # The active one is open and answers even if its files were removed or damaged.
    release = active if active.version == citation.version else find(folder_of(), citation.version)
    if release.digest != citation.digest:
        raise ReleaseError(
            f"release {citation.version} here has sha256 {release.digest}; cited was {citation.digest}",
            hint="put back the release that was cited",
        )
    return publication_.queries if release is active else Elsewhere(trusted(release), publication_.settings)


def address(citation: Citation) -> str:
    """Return a citation's persistent address: under the dataset's base, wherever it is served."""
    return f"{cited_from().base}cite/{citation.id}"


def work_of(citation: Citation) -> Work:
    """Return a citation as a work, for the styles; if its release is gone, with the active one's metadata."""
    try:
        one = about(find(folder_of(), citation.version), language())
    except ReleaseError:
        one = about(cited_from(), language())
    return result_as_work(citation, one, url=address(citation), language=language(), accessed=today())
