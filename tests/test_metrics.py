"""Metrics of a running server, read as Prometheus reads them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from prometheus_client.parser import text_string_to_metric_families

from kg.errors import SettingsError
from kg.release import Release
from kg.settings import Settings
from kg_web.server.http.tally import BOUNDS, Histogram, kind_of
from kg_web.server.metrics import address_of
from tests.servers import Served, fetch, free_port, kg_serve, wait_until

B = "https://example.org/orchard/"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


def asked(query: str) -> str:
    return "/sparql?" + urlencode({"query": query})


@pytest.fixture(scope="module")
def served(small_release: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, str]]:
    port = free_port()
    environ = {"KG_WORKERS": "1", "KG_QUERY_TIMEOUT": "1", "KG_METRICS": f"127.0.0.1:{port}"}
    with kg_serve(small_release, tmp_path_factory.mktemp("serve"), environ) as found:
        yield found, f"http://127.0.0.1:{port}/metrics"


def read(url: str) -> dict[str, float]:
    """Every series: its name and labels but the process, and its value."""
    text = fetch(url).body.decode()
    return {
        sample.name
        + "".join(f" {k}={v}" for k, v in sorted(sample.labels.items()) if k != "process"): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def until(url: str, series: str, least: float) -> dict[str, float]:
    wait_until(lambda: read(url).get(series, 0) >= least, 20, f"{series} >= {least}")
    return read(url)


def test_what_was_asked_is_counted(served: tuple[Served, str], small_release: Release):
    server, url = served
    before = read(url).get("kg_requests_total kind=endpoint status=200", 0)
    for number in range(3):
        reply = fetch(server.url + asked(f"SELECT ?s {{ ?s a <{B}ontology/Tree> }} LIMIT {number + 1}"))
        assert reply.status == 200
    assert fetch(server.url + asked("SELECT")).status == 400
    assert fetch(server.url + "/page/id/orchard/none").status == 404
    until(url, "kg_requests_total kind=page status=404", 1)
    found = until(url, "kg_requests_total kind=endpoint status=200", before + 3)
    assert found["kg_requests_total kind=endpoint status=400"] >= 1
    assert (
        found["kg_request_seconds_count kind=endpoint"]
        == found["kg_request_seconds_bucket kind=endpoint le=+Inf"]
    )
    assert found["kg_resident_memory_bytes role=server"] > 10_000_000
    assert found["kg_server_processes"] == 1
    info = [name for name in found if name.startswith("kg_info")]
    assert info
    assert small_release.version in info[0]


def test_a_kill_and_its_reason_are_counted(served: tuple[Served, str]):
    server, url = served
    assert fetch(server.url + asked(ENDLESS), timeout=30).status >= 400
    found = until(url, "kg_query_outcomes_total outcome=KG_QUERY_TIMEOUT", 1)
    assert found["kg_query_processes_ended_total"] >= 1
    assert found["kg_queries_waiting"] == 0


def test_looks_into_the_cache_are_counted(served: tuple[Served, str]):
    server, url = served
    query = f"SELECT ?type (COUNT(?s) AS ?n) {{ ?s a ?type }} GROUP BY ?type #{time.time()}"
    for _ in range(3):
        assert fetch(server.url + asked(query)).status == 200
    until(url, "kg_cache_lookups_total result=miss", 1)


def test_a_process_that_was_replaced_is_counted(served: tuple[Served, str]):
    server, url = served
    (child,) = server.children()
    os.kill(child, signal.SIGKILL)
    found = until(url, "kg_server_processes_replaced_total", 1)
    until(url, "kg_server_processes", 1)
    assert found["kg_resident_memory_bytes role=supervisor"] > 0


def test_they_are_not_public(served: tuple[Served, str]):
    server, _ = served
    wait_until(lambda: fetch(server.url + "/readyz").status == 200, 30)
    assert fetch(server.url + "/metrics").status == 404


def test_what_gives_metrics_is_not_loaded_by_default():
    imports = "import sys, kg_web.server.supervisor, kg_web.server.process"
    code = f"{imports}; print('prometheus_client' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
    assert Settings().metrics == ""


@pytest.mark.parametrize("wrong", ["9464", ":9464", "here:", "here:port", "127.0.0.1:99999"])
def test_an_address_that_is_none(wrong: str):
    with pytest.raises(SettingsError, match="KG_METRICS"):
        address_of(wrong)


def test_classes_of_a_histogram():
    one = Histogram()
    for seconds in (0.0, BOUNDS[0], BOUNDS[0] * 1.01, BOUNDS[-1] * 2):
        one.add(seconds)
    assert (one.counts[0], one.counts[1], one.counts[-1]) == (2, 1, 1)
    assert [kind_of(path) for path in ("/sparql", "/sparql/x", "/sparqlx", "/readyz", "/")] == [
        "endpoint",
        "endpoint",
        "page",
        "other",
        "page",
    ]
