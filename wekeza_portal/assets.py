"""How static files are stored for serving: compressed, and named after their content so that browsers keep them."""

import base64
import hashlib
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class PortalStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc] # a library without types
    """Also renames what our scripts import from each other; else a browser could mix modules of two releases."""

    support_js_module_import_aggregation = True


@cache
def integrity(name: str) -> str:
    """What a browser must find when it loads this static file: `sha384-...`, of the file as it is served.

    ValueError for a file that was not collected.
    """
    digest = hashlib.sha384(_as_served(name).read_bytes()).digest()
    return f"sha384-{base64.b64encode(digest).decode()}"


def _as_served(name: str) -> Path:
    """The collected file under its hashed name; the source itself where files are served from their folders."""
    if isinstance(staticfiles_storage, ManifestFilesMixin) and not settings.DEBUG:
        return Path(staticfiles_storage.path(staticfiles_storage.stored_name(name)))
    found = finders.find(name)
    if found is None:
        raise ValueError(f"no static file named {name!r}")
    return Path(found)
