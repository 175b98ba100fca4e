"""Every page of the portal with what it needs to be shown: for the browser tests and the photographs."""

from tests.pages.addresses import PUBLIC_PAGES, pages_while_mpesa_rests, signed_in_pages
from tests.pages.scene import Scene

__all__ = ["PUBLIC_PAGES", "Scene", "pages_while_mpesa_rests", "signed_in_pages"]
