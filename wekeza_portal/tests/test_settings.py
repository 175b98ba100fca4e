"""Settings: production is the default, every one is listed, the sample file means what it says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import environ
import pytest
from django.conf import settings as project

ROOT = Path(project.BASE_DIR)
READ = re.compile(r'env\.(?:str|bool|int|list|json)\(\s*"([A-Z_]+)"')
LISTED = re.compile(r"^(?:# )?([A-Z_]+)=", re.MULTILINE)
SWITCHES = {"TESTING"}
"""Read by the settings, but nothing to offer an operator."""

SHOW = "from django.conf import settings as s; print(s.DEMO, s.DEBUG, s.TLS, s.SESSION_COOKIE_NAME, s.ALLOWED_HOSTS)"


def test_the_sample_file_lists_every_setting_and_no_other() -> None:
    read = set(READ.findall((ROOT / "wekeza_portal" / "settings.py").read_text())) - SWITCHES
    listed = set(LISTED.findall((ROOT / ".env.example").read_text()))
    assert listed == read


def test_the_sample_file_copied_as_it_is_sets_nothing_by_accident(monkeypatch: pytest.MonkeyPatch) -> None:
    """A comment behind a value would become part of the value."""
    monkeypatch.setattr(environ.Env, "ENVIRON", {})
    environ.Env.read_env(ROOT / ".env.example")
    added = dict(environ.Env.ENVIRON)
    assert "SECRET_KEY" in added
    assert set(added.values()) == {""}


def shown(argument: str = "", **changes: str) -> str:
    """What the settings say in a process of its own, started as `... <argument>`."""
    names = {*LISTED.findall((ROOT / ".env.example").read_text()), "TESTING"}
    environment = {name: value for name, value in os.environ.items() if name not in names}
    environment |= {"DJANGO_SETTINGS_MODULE": "wekeza_portal.settings", **changes}
    result = subprocess.run(
        [sys.executable, "-c", SHOW, argument], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    return result.stdout.strip() or result.stderr.strip().splitlines()[-1]


def test_production_is_the_default_and_needs_a_secret() -> None:
    assert "SECRET_KEY is not set" in shown()
    assert shown(SECRET_KEY="x") == "False False True __Host-session []"


def test_rundemo_without_a_database_is_the_demo() -> None:
    assert shown("rundemo").startswith("True False False wekeza_session ['localhost'")


def test_rundemo_with_a_database_is_production() -> None:
    url = "mysql://portal@127.0.0.1:1/wekeza_dfs_db"
    assert shown("rundemo", SECRET_KEY="x", DATABASE_URL=url) == "False False True __Host-session []"


def test_no_other_command_turns_the_demo_on() -> None:
    assert "SECRET_KEY is not set" in shown("runworker")
