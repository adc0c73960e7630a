"""What an installed package must have: its data, its templates, its command."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import kg
import kg_web
from kg import resources


def test_ontology_and_data_came_along():
    assert list(resources.ontology_dir().glob("*.ttl"))
    assert (resources.data_dir() / "dataset.ttl").is_file()
    assert resources.VOCABULARY.is_file()


def test_templates_and_queries_came_along():
    assert list((Path(kg_web.__file__).parent / "templates").glob("*.html"))
    assert list((Path(kg.__file__).parent / "queries").glob("*.rq"))


def test_the_command_answers():
    command = Path(sys.executable).parent / "kg"
    done = subprocess.run([str(command), "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.strip()


def test_it_takes_no_name_that_another_package_has():
    """A package `web` (web.py is imported by it) would hide ours, or ours theirs."""
    spec = find_spec("web")
    assert spec is None or spec.origin is None  # in a checkout a mere folder, which any package goes before
