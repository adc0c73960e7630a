"""What a release is packed as, held against the validators that others keep: RO-Crates, CSV on the Web."""

from __future__ import annotations

import importlib.resources
import json
import shutil
import subprocess
import venv
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from flask.testing import FlaskClient

from kg.engine.local import LocalEngine
from kg.export.descriptions.crate import NAME, write_crate
from kg.export.tables.survey import tables
from kg.release import Release, open_release
from kg.settings import Settings
from kg_web import create_app

pytestmark = pytest.mark.long

# --- RO-Crate -----------------------------------------------------------------------------------------------

VALIDATOR = "roc-validator==0.13.0"
"""Has an environment of its own, as it wants an older pkg:pypi/rich than what the tests are run with."""
VALIDATE = '''
"""python validate.py CRATE CACHE CONTEXT: print what RO-Crate 1.2 requires and isn't there, off the net."""
import io, json, sys
from pathlib import Path
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests_cache import CachedSession
from rocrate_validator import services
from rocrate_validator.models import Severity, ValidationSettings
from urllib3 import HTTPResponse

crate, cache, context = map(Path, sys.argv[1:])
ADDRESS = "https://w3id.org/ro/crate/1.2/context"

class Shelf(HTTPAdapter):
    """Answers with the context, from a file."""
    def send(self, request: PreparedRequest, **_how: object) -> Response:
        body, kind = io.BytesIO(context.read_bytes()), {"Content-Type": "application/ld+json"}
        return self.build_response(request, HTTPResponse(body, kind, 200, preload_content=False))

with CachedSession(cache_name=str(cache), backend="sqlite", expire_after=-1) as session:
    session.mount("https://w3id.org/", Shelf())
    session.get(ADDRESS)
result = services.validate(ValidationSettings(
    rocrate_uri=crate, profile_identifier="ro-crate-1.2", requirement_severity=Severity.REQUIRED,
    offline=True, cache_path=cache,
))
print(json.dumps({
    "issues": [issue.message for issue in result.get_issues()],
    "checked": len(result.executed_checks), "skipped": len(result.skipped_checks),
}))
'''

Validate = Callable[[Path], dict[str, object]]


@pytest.fixture(scope="module")
def validate(tmp_path_factory: pytest.TempPathFactory) -> Validate:
    """The validator, which is given the one document that it would fetch: the context of RO-Crate.

    pkg:pypi/rocrate has that of 1.3, whose terms are those of 1.2 and more.
    """
    folder = tmp_path_factory.mktemp("validator")
    venv.create(folder / "venv", with_pip=True)
    python = str(folder / "venv" / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "-q", VALIDATOR], check=True, capture_output=True)
    (folder / "validate.py").write_text(VALIDATE, encoding="utf-8")
    context = folder / "context.jsonld"
    context.write_bytes(importlib.resources.files("rocrate").joinpath("data/ro-crate.jsonld").read_bytes())

    def run(crate: Path) -> dict[str, object]:
        words = [python, folder / "validate.py", crate, folder / "cache", context]
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout.splitlines()[-1]))

    return run


@pytest.fixture
def crate(small_release: Release, tmp_path: Path) -> Path:
    out = tmp_path / small_release.version
    shutil.copytree(small_release.path, out, ignore=shutil.ignore_patterns("store", "search", "exports"))
    write_crate(open_release(out), "0.1.0")
    return out


def test_a_crate_has_all_that_is_required(validate: Validate, crate: Path) -> None:
    found = validate(crate)
    assert found["issues"] == []
    assert int(str(found["checked"])) > 60
    assert int(str(found["skipped"])) < 6


def test_the_validator_finds_what_a_crate_lacks(validate: Validate, crate: Path) -> None:
    """So that its silence says something."""
    path = crate / NAME
    document = json.loads(path.read_text(encoding="utf-8"))
    (root,) = [one for one in document["@graph"] if one["@id"] == "./"]
    del root["license"], root["datePublished"]
    path.write_text(json.dumps(document), encoding="utf-8")
    (crate / "shapes.ttl").chmod(0o644)
    (crate / "shapes.ttl").unlink()
    told = " ".join(map(str, list(validate(crate)["issues"])))  # type: ignore[call-overload]
    for word in ("license", "datePublished", "shapes.ttl"):
        assert word in told


# --- CSV on the Web -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def client(small_release: Release) -> Iterator[FlaskClient]:
    with LocalEngine.open(small_release.store) as engine:
        yield create_app(engine, Settings(), small_release).test_client()


def complaints(metadata: Path) -> list[str]:
    """What pkg:pypi/csvw finds wrong with a table and its metadata, which lie side by side."""
    from csvw import CSVW

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            valid = CSVW(str(metadata), validate=True).is_valid
        except ValueError as error:
            return [str(error)]
    return [str(one.message) for one in told] + ([] if valid else ["not valid"])


def saved(client: FlaskClient, address: str, path: Path) -> Path:
    reply = client.get(address)
    assert reply.status_code == 200, reply.text
    path.write_bytes(reply.data)
    return path


def table_of(client: FlaskClient, release: Release, name: str, folder: Path) -> Path:
    at = f"/releases/{quote(release.version)}/tables/{name}"
    saved(client, f"{at}.csv", folder / f"{name}.csv")
    return saved(client, f"{at}.csv-metadata.json", folder / f"{name}.csv-metadata.json")


def test_every_table_of_a_release_is_valid(
    client: FlaskClient, small_release: Release, tmp_path: Path
) -> None:
    names = [table.name for table in tables(small_release)]
    assert len(names) > 5
    for name in names:
        assert complaints(table_of(client, small_release, name, tmp_path)) == [], name


def test_an_answer_is_valid(client: FlaskClient, tmp_path: Path) -> None:
    query = "SELECT ?tree ?year ?name { ?tree o:planted ?year ; rdfs:label ?name } ORDER BY ?tree"
    prefixes = (
        "PREFIX o: <https://example.org/orchard/ontology/> "
        "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
    )
    asked = urlencode({"query": prefixes + query})
    metadata = saved(client, f"/result.csv-metadata.json?{asked}", tmp_path / "result.csv-metadata.json")
    url = json.loads(metadata.read_text(encoding="utf-8"))["url"]
    saved(client, f"/result.csv?{asked}", tmp_path / Path(url).name)
    assert complaints(metadata) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [(b",3.5\r", b",much\r"), (b"iri,", b"name,")],
    ids=["a word for a number", "another heading"],
)
def test_the_validator_finds_a_table_that_was_changed(
    client: FlaskClient, small_release: Release, tmp_path: Path, old: bytes, new: bytes
) -> None:
    metadata = table_of(client, small_release, "Figure", tmp_path)
    path = tmp_path / "Figure.csv"
    changed = path.read_bytes().replace(old, new, 1)
    assert changed != path.read_bytes()
    path.write_bytes(changed)
    assert complaints(metadata) != []
