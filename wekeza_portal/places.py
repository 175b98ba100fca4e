"""Work that costs a web process seconds: so much of it at once, one for each customer, refused at once when full.

Whoever waited for a place would hold a thread that somebody else needs to sign in. Counted in this process; what may be
done in an hour, over all of them, is ratelimit's affair.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext_lazy as _

from wekeza_portal.errors import PortalError


class AllTaken(PortalError):
    """Nobody waits: the same is asked for again in a moment."""

    code = "all_taken"
    message = _("Others are doing the same at this moment. Please try again in a minute.")


class Places:
    """At most `most` pieces of one kind of work at once in this process, and one for each key."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: set[str] = set()
        self._lock = threading.Lock()

    @contextmanager
    def one_for(self, key: str) -> Iterator[None]:
        """A place for the time of the work. Raises AllTaken at once where there is none, or `key` has one already."""
        with self._lock:
            if key in self._taken or len(self._taken) >= self._most:
                raise AllTaken()
            self._taken.add(key)
        try:
            yield
        finally:
            with self._lock:
                self._taken.discard(key)
