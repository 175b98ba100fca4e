"""Collect every translatable text into locale/sw/LC_MESSAGES/django.po, keeping what is translated.

Needs gettext. Source references and the date of collecting are left out, so that the catalogue changes only when a
text does.
"""

import os
import re
import sys
from pathlib import Path

import django
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = Path("locale") / "sw" / "LC_MESSAGES" / "django.po"


def collect(root: Path = ROOT) -> None:
    """Update the catalogue of the sources under `root` (default: the project itself)."""
    from django.test import override_settings

    here = Path.cwd()
    os.chdir(root)
    try:
        with override_settings(LOCALE_PATHS=[root / "locale"]):
            call_command(
                "makemessages",
                locale=["sw"],
                ignore_patterns=[".venv/*", "var/*", "tests/*", "*/tests/*", "scripts/*"],
                no_location=True,
                no_wrap=True,
                no_obsolete=True,
                verbosity=0,
            )
    finally:
        os.chdir(here)
    _drop_dates(root / CATALOGUE)


def _drop_dates(catalogue: Path) -> None:
    written = catalogue.read_text(encoding="utf-8")
    kept = re.sub(r'^"(POT-Creation-Date|Report-Msgid-Bugs-To):.*\n', "", written, flags=re.MULTILINE)
    catalogue.write_text(kept, encoding="utf-8")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wekeza_portal.settings")
    os.environ.setdefault("TESTING", "1")
    os.environ.setdefault("SECRET_KEY", "collect-texts")
    sys.path.insert(0, str(ROOT))
    django.setup()
    collect()
