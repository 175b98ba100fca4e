"""Files are examined in a process of their own: one that is made to crash, hang or eat memory takes nothing with it."""

import json
import logging
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from wekeza_portal.places import AllTaken, Places
from wekeza_portal.uploads.errors import BY_CODE, Busy, Damaged

logger = logging.getLogger(__name__)

PROGRAM = Path(__file__).with_name("checking") / "__main__.py"
MOST_SECONDS = 20
EXAMINED = Places(2)
"""In this process of the web server: each may take a gigabyte for a moment."""

# Windows can't start a program without it; nothing else of ours is the examining process's business.
ENVIRONMENT = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}


@dataclass(frozen=True, slots=True)
class Clean:
    """A file made anew. Width and height in pixels for pictures, pages for a PDF."""

    content: bytes
    width: int | None = None
    height: int | None = None
    pages: int | None = None


def clean(kind: str, content: bytes, whose: str = "") -> Clean:
    """Examine a file of this kind (JPEG, PNG, PDF) and make it anew: 0.2 to 3 s, never inside a transaction.

    Raises one of errors.BY_CODE, or Busy at once where others' files are being examined, or one of `whose` is.
    """
    try:
        with EXAMINED.one_for(whose):
            return _read(_examined(kind, content))
    except AllTaken:
        raise Busy() from None


def _examined(kind: str, content: bytes) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 - our own program; the file goes to its standard input
            [sys.executable, "-I", str(PROGRAM), kind],
            input=content,
            capture_output=True,
            timeout=MOST_SECONDS,
            env=ENVIRONMENT,
        )
    except subprocess.TimeoutExpired:
        logger.warning("a %s of %s bytes took too long to examine", kind, len(content))
        raise Damaged() from None
    if done.returncode != 0:
        logger.warning("examining a %s of %s bytes ended with %s", kind, len(content), done.returncode)
        raise Damaged()
    return done.stdout


def _read(answer: bytes) -> Clean:
    line, _newline, content = answer.partition(b"\n")
    facts = json.loads(line)
    if "refused" in facts:
        raise BY_CODE[facts["refused"]]()
    return Clean(content=content, **facts)
