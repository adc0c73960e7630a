"""Settings: the table of docs/settings.md is the code's, and impossible values are refused."""

from dataclasses import fields

import pytest

from kg.errors import SettingsError
from kg.settings import Settings
from tests.documents import document_text

DOCUMENT = document_text("settings.md")


def expected_rows() -> list[str]:
    rows = []
    for f in fields(Settings):
        default = f.default
        if isinstance(default, bool):
            default = "yes" if default else "no"
        elif isinstance(default, tuple):
            default = ",".join(default)
        elif isinstance(default, float):
            default = f"{default:g}"
        shown = f"`{default}`" if str(default) else "none"
        rows.append(f"| `KG_{f.name.upper()}` | {shown} | {f.metadata['unit']} | {f.metadata['meaning']} |")
    return rows


def test_the_table_is_the_code_s():
    written = [line for line in DOCUMENT.splitlines() if line.startswith("| `KG_") and line.count("|") == 5]
    assert written == expected_rows()


def test_flags_win_over_variables_and_these_over_defaults():
    environ = {"KG_PORT": "9000", "KG_QUERY_TIMEOUT": "2.5", "KG_SERVICE_ALLOW": "http://a/, http://b/"}
    settings = Settings.load(environ, port=9001, host=None)
    assert (settings.port, settings.query_timeout, settings.host) == (9001, 2.5, "127.0.0.1")
    assert settings.service_allow == ("http://a/", "http://b/")
    assert Settings.load({"KG_ACCESS_LOG": "no"}).access_log is False


@pytest.mark.parametrize(
    ("name", "value"),
    [("KG_PORT", "http"), ("KG_PORT", "70000"), ("KG_QUERY_TIMEOUT", "0"), ("KG_QUERY_TIMEOUT", "nan"),
     ("KG_ACCESS_LOG", "perhaps"), ("KG_QUERY_WORKERS", "-1"), ("KG_QUERY_MEMORY", "1e3")],
)  # fmt: skip
def test_an_impossible_value_is_refused_by_name(name: str, value: str):
    with pytest.raises(SettingsError, match=name):
        Settings.load({name: value})
