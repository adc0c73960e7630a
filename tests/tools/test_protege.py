"""Protégé reads with the OWL API; that library opens the ontology at its address, as *Open from URL* does."""

from __future__ import annotations

import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

import kg
from kg.release import Release
from tests.servers import kg_serve

HERE = Path(__file__).parent
JARS = Path("/usr/share/java")
# The OWL API and what its package depends on; without rdf4j's bindings for logs, of which it wants one.
NAMES = (
    "owlapi-distribution owlapi-api owlapi-apibinding owlapi-impl owlapi-parsers owlapi-compatibility "
    "owlapi-oboformat owlapi-rio owlapi-tools rdf4j-* commons-rdf-* guava caffeine hppcrt slf4j-api "
    "slf4j-nop atinject-jsr330-api javax.inject commons-io commons-codec failureaccess jackson-core "
    "jackson-databind jackson-annotations jcl-over-slf4j httpclient httpcore jsonld-java xz"
)


def jars() -> str:
    found = {path.resolve() for name in NAMES.split() for path in JARS.glob(f"{name}.jar")}
    assert any(path.name.startswith("owlapi-api") for path in found)
    return ":".join(sorted(map(str, found)))


@pytest.mark.tool
def test_the_owl_api_opens_the_ontology_at_its_address(release: Release, tmp_path: Path) -> None:
    with kg_serve(release, tmp_path, {"KG_WORKERS": "1"}) as served:
        done = subprocess.run(
            ["java", "-cp", jars(), str(HERE / "ReadOwl.java"), f"{served.url}/ontology/"],
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, set[str]] = defaultdict(set)
    for line in done.stdout.splitlines():
        name, _, value = line.partition("\t")
        found[name].add(value)
    assert found["ontology"] == {f"{release.base}ontology/"}
    assert found["unread"] == {"0"}
    # Of one ontology alone: neither the modules' nor the program's own names stand in its header.
    labels = [one for one in found["header"] if one.split()[0].endswith("rdf-schema#label")]
    assert len(labels) == 3, labels
    for kind in ("Class", "ObjectProperty", "DatatypeProperty"):
        with kg.open(release.path) as graph:
            rows = graph.query(f"""SELECT DISTINCT ?term {{
              GRAPH <{release.base}graph/ontology> {{ ?term a <http://www.w3.org/2002/07/owl#{kind}> }} }}""")
        declared = {str(row["term"]) for row in rows}
        assert declared, kind
        assert declared <= found[kind], declared - found[kind]
        ours = {term for term in declared if term.startswith(f"{release.base}ontology/")}
        named = {label.split()[0] for label in found["label"] if label.endswith("@zh-hans")}
        assert ours <= named, ours - named
