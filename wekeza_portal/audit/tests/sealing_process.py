"""A sealer as a process of its own, for tests that kill it.

Usage: python -m wekeza_portal.audit.tests.sealing_process between|within|on
`between` seals one batch of ten and then hangs; `within` hangs with a batch of ten written and not committed; `on`
waits for a line and then seals, in small batches, until a second line comes. Prints "ready" when it hangs or waits.
"""

import os
import sys
import threading

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wekeza_portal.settings")
django.setup()


def main(where: str) -> None:
    from django.db import transaction

    from wekeza_portal.audit.sealing import seal_batch

    if where == "on":
        _hang()
        stop = threading.Event()
        threading.Thread(target=lambda: (sys.stdin.readline(), stop.set()), daemon=True).start()
        while not stop.is_set():
            seal_batch(7)
        return
    with transaction.atomic():
        seal_batch(10)
        if where == "within":
            _hang()
    _hang()


def _hang() -> None:
    print("ready", flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    main(sys.argv[1])
