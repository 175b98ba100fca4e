"""Collect every translatable text into locale/sw/LC_MESSAGES/django.po, keeping what is translated.

Needs gettext. Source references are left out so that the catalogue changes only when a text does.
"""

import os
import sys
from pathlib import Path

import django
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent


def collect(locale_folder: Path | None = None) -> None:
    """Update the catalogue in `locale_folder` (default: the project's own)."""
    from django.conf import settings

    if locale_folder is not None:
        settings.LOCALE_PATHS = [locale_folder]
    here = Path.cwd()
    os.chdir(ROOT)
    try:
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


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wekeza_portal.settings")
    os.environ.setdefault("TESTING", "1")
    os.environ.setdefault("SECRET_KEY", "collect-texts")
    sys.path.insert(0, str(ROOT))
    django.setup()
    collect()
