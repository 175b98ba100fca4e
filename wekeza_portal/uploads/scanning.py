"""A virus scanner, where the bank runs one: clamd on the socket that CLAMD_SOCKET names.

Source of the protocol: clamd(8), INSTREAM.
"""

import logging
import socket

from django.conf import settings

from wekeza_portal.uploads.errors import Infected, NoScanner

logger = logging.getLogger(__name__)

TIMEOUT = 10
PIECE = 64 * 1024


def scan(content: bytes) -> None:
    """Raises Infected, or NoScanner where one is set and gives no clear answer: then nothing gets in."""
    if not settings.CLAMD_SOCKET:
        return
    try:
        answer = _ask(content)
    except OSError as error:
        logger.error("the virus scanner can't be reached: %s", error)
        raise NoScanner() from error
    if answer.endswith(b" FOUND"):
        logger.warning("the virus scanner refused an upload: %s", answer.decode("utf-8", "replace"))
        raise Infected()
    if answer != b"stream: OK":
        logger.error("the virus scanner answered %r", answer[:200])
        raise NoScanner()


def _ask(content: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(TIMEOUT)
        line.connect(settings.CLAMD_SOCKET)
        line.sendall(b"zINSTREAM\0")
        for start in range(0, len(content), PIECE):
            piece = content[start : start + PIECE]
            line.sendall(len(piece).to_bytes(4, "big") + piece)
        line.sendall(bytes(4))
        return _until_the_end(line)


def _until_the_end(line: socket.socket) -> bytes:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < 1000:
        piece = line.recv(1000)
        if not piece:
            break
        answer += piece
    return answer.rstrip(b"\0").strip()
