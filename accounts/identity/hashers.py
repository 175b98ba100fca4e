"""How passwords are stored: Argon2id, and never more computations at once than the machine can bear."""

import os
import threading
from collections.abc import Callable
from typing import Any

from django.contrib.auth.hashers import Argon2PasswordHasher

# One computation takes 46 MiB and a core for some 75 ms; a storm of sign-ins must queue, not swap.
_slots = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))


def in_turn(compute: Callable[..., Any], *args: Any) -> Any:
    """Run one expensive hash computation when a slot of this process is free."""
    with _slots:
        return compute(*args)


class PortalArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id with t=1, 46 MiB, p=1 (OWASP ASVS 5.0, appendix C)."""

    time_cost = 1
    memory_cost = 46 * 1024
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        return str(in_turn(super().encode, password, salt))

    def verify(self, password: str, encoded: str) -> bool:
        return bool(in_turn(super().verify, password, encoded))
