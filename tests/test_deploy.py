"""What `deploy/` says, held against the program: no container engine is needed to see that it fits."""

from __future__ import annotations

import configparser
import re
import shlex
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from kg.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
SETTINGS = {f"KG_{one.name.upper()}" for one in fields(Settings)}
FILES = ("Containerfile", "compose.yaml", "Caddyfile", "kg.service")


def text(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def steps() -> list[tuple[str, str]]:
    """The Containerfile's instructions, with lines that go on joined."""
    joined = re.sub(r"\\\n", " ", re.sub(r"(?m)^#.*\n", "", text("Containerfile")))
    return [
        (word, rest.strip())
        for word, _, rest in (line.partition(" ") for line in joined.splitlines() if line)
    ]


@pytest.mark.parametrize("name", FILES)
def test_settings_that_are_named_are_settings(name: str):
    assert {*re.findall(r"\bKG_[A-Z_]+\b", text(name))} <= SETTINGS


def test_what_is_copied_into_the_image_is_there():
    stage = [rest for word, rest in steps() if word == "COPY" and not rest.startswith("--from")]
    copied = {name for rest in stage for name in rest.split()[:-1]}
    for name in copied:
        assert (ROOT / name).exists(), name
    for ignore in ("Containerfile.containerignore", "Containerfile.dockerignore"):
        kept = {line[1:] for line in text(ignore).splitlines() if line.startswith("!")}
        assert kept == copied, ignore


def test_the_image_runs_as_nobody_and_looks_after_its_health():
    last = steps()[[i for i, (word, _) in enumerate(steps()) if word == "FROM"][-1] :]
    said = dict(last)
    assert said["USER"] == "10001"
    assert "/readyz" in said["HEALTHCHECK"]
    assert said["STOPSIGNAL"] == "SIGTERM"
    assert not any(word == "RUN" and "pip" in rest for word, rest in last)
    command = re.search(r"CMD (\[.*\])$", said["HEALTHCHECK"])
    assert command
    _, _, program = yaml.safe_load(command[1])
    compile(program, "health check", "exec")


def test_compose_is_locked_down():
    found: dict[str, Any] = yaml.safe_load(text("compose.yaml"))
    services = found["services"]
    assert {*services} >= {"kg", "proxy", "engine"}
    assert services["engine"]["profiles"] == ["engine"]
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert name == "proxy" or "ports" not in service, f"{name} is reached through the proxy alone"
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert source.startswith(("./", "$")) or source in found["volumes"], volume
            assert not source.startswith("./") or (DEPLOY / source).is_file(), volume
    assert services["kg"]["environment"]["KG_PROXIES"] == "1"
    for service in services.values():
        if "build" in service:
            assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).is_file()


def test_the_unit_starts_what_there_is():
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(text("kg.service"))
    assert {*unit} >= {"Unit", "Service", "Install"}
    service = unit["Service"]
    assert shlex.split(service["ExecStart"])[1:] == ["serve"]
    assert service["DynamicUser"] == service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert "-HUP" in service["ExecReload"]
