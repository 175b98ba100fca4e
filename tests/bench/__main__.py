"""`make bench [PART=...]` (the names of PARTS): the portal's figures, as ratios in one run.

Every part runs on a MariaDB server of its own that commits durably. Figures of one run are compared with each other
only: machines differ, and other work on the same machine slows all of them alike.
"""

import json
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench import browsing, growing, loading, moving, pages
from tests.chaos.bank import Portal, Server

PARTS = {
    "transfers": moving.measure,
    "dashboard": pages.measure_dashboard,
    "queries": pages.measure_queries,
    "strangers": lambda portal: portal.ask("tests.bench.strangers"),
    "browser": browsing.measure,
    "load": loading.measure,
    "growth": growing.measure,
}


def main(wanted: list[str]) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # or what was started would be left running
    results: dict[str, Any] = {}
    for name in wanted:
        with tempfile.TemporaryDirectory(prefix="wekeza-bench.") as folder:
            server = Server(Path(folder), connections=400, memory="1G")
            portal = Portal(server, Path(folder))
            try:
                server.start()
                portal.make_bank()
                results[name] = PARTS[name](portal)
            finally:
                portal.stop()
                server.stop()
        _print(name, results[name])
    kept = Path("var") / f"bench-{time.strftime('%Y%m%d-%H%M%S')}.json"
    kept.parent.mkdir(exist_ok=True)
    kept.write_text(json.dumps(results, indent=2))
    print(f"\nKept in {kept}")


def _print(name: str, rows: dict[str, Any]) -> None:
    print(f"\n{name}")
    for what, figure in rows.items():
        print(f"  {what:<58}{figure:>12}")


if __name__ == "__main__":
    chosen = sys.argv[1].split(",") if len(sys.argv) > 1 and sys.argv[1] else list(PARTS)
    unknown = set(chosen) - set(PARTS)
    if unknown:
        sys.exit(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    main(chosen)
