"""Another company's server as bad as servers get: it hears everything and answers as the test says, or by drips."""

import contextlib
import socket
import threading
from collections.abc import Iterator

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n"
ANSWERS = {
    "at once": HEAD + b"{}",
    "never": b"",
    "head byte by byte": b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 10_000,
    "body byte by byte": HEAD.replace(b": 2", b": 9999") + b" " * 9999,
}


class Company:
    """A server at `url` that answers each request in one of the ways of ANSWERS; `heard` is all it was told."""

    def __init__(self, how: str) -> None:
        self.how, self.heard = how, b""
        self.over = threading.Event()
        self.door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.door.getsockname()[1]}"
        threading.Thread(target=self._open, daemon=True).start()

    def close(self) -> None:
        self.over.set()
        self.door.close()

    def _open(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _address = self.door.accept()
                threading.Thread(target=self._hear, args=(caller,), daemon=True).start()

    def _hear(self, caller: socket.socket) -> None:
        with contextlib.suppress(OSError), caller:
            while data := caller.recv(65536):
                self.heard += data
                self._answer(caller)

    def _answer(self, caller: socket.socket) -> None:
        """By drips: one byte at a time, each long before any time-out of a single read."""
        answer = ANSWERS[self.how]
        if "byte by byte" not in self.how:
            caller.sendall(answer)
            return
        for byte in answer:
            if self.over.wait(0.02):
                return
            caller.sendall(bytes([byte]))


@contextlib.contextmanager
def company(how: str) -> Iterator[Company]:
    """One such server, closed at the end."""
    made = Company(how)
    try:
        yield made
    finally:
        made.close()
