"""What nobody handed in, and what was kept as long as it may be, is deleted by the worker."""

from django.core.cache import cache

from wekeza_portal import actors, clock
from wekeza_portal.uploads import services

EVERY = 60
"""Seconds between two looks."""
TIDIER = actors.system("uploads")


def tidy() -> int:
    """Delete papers past their time; how many. A worker step."""
    return services.forget_old(clock.now(), actor=TIDIER) if cache.add("uploads-tidy", True, EVERY) else 0
