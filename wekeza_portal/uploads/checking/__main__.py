"""The examining process: a file on standard input, its clean twin on standard output.

Started as `python -I <this file> JPEG|PNG|PDF` without any of the portal's environment. Reads strangers' files with
libraries written in C, so it takes away from itself what it does not need first. Answers one line of JSON, then bytes.
"""

import json
import sys
from pathlib import Path
from typing import Any

MOST_MEMORY = 1_000_000_000
MOST_SECONDS = 15
LARGEST = 5 * 1024 * 1024


def limit_itself() -> None:
    """Memory, processor time, no file to be written. Where the system has no such limits the parent's clock stays."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def clean(kind: str, content: bytes) -> tuple[bytes, dict[str, Any]]:
    if kind == "PDF":
        from wekeza_portal.uploads.checking import pdfs

        return pdfs.clean(content)
    from wekeza_portal.uploads.checking import pictures

    return pictures.clean(kind, content)


def main() -> None:
    limit_itself()
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
    from wekeza_portal.uploads.checking.refusal import Refusal

    answer: dict[str, Any]
    try:
        content, answer = clean(sys.argv[1], sys.stdin.buffer.read(LARGEST + 1))
        if len(content) > LARGEST:
            raise Refusal("too_large")
    except Refusal as refusal:
        content, answer = b"", {"refused": refusal.code}
    except (MemoryError, RecursionError):
        content, answer = b"", {"refused": "damaged"}
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + content)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
