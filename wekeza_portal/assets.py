"""How static files are stored for serving: compressed, and named after their content so that browsers keep them."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class PortalStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Also renames what our scripts import from each other; else a browser could mix modules of two releases."""

    support_js_module_import_aggregation = True
