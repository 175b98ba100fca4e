"""A browser of a few lines: one kept connection, one customer's cookies."""

import http.client
import time

TOKEN = "c" * 32  # a CSRF token of our own choosing, in cookie and form alike


class Browser:
    def __init__(self, port: int, cookie: str, timeout: float = 60) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        self.cookies = {"Cookie": f"wekeza_session={cookie}; wekeza_csrf={TOKEN}", "Accept-Encoding": "gzip"}
        self.location = ""

    def get(self, path: str) -> tuple[int, float, bytes]:
        """Status, seconds and body of a page."""
        return self._ask("GET", path)

    def post(self, path: str, fields: str = "") -> tuple[int, float, bytes]:
        return self._ask("POST", path, f"csrfmiddlewaretoken={TOKEN}&{fields}")

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[int, float, bytes]:
        headers = {**self.cookies, **({"Content-Type": "application/x-www-form-urlencoded"} if body else {})}
        started = time.monotonic()
        for last_try in (False, True):
            try:
                self.line.request(method, path, body=body, headers=headers)
                response = self.line.getresponse()
                content = response.read()
                break
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                # The server closed a connection that rested too long: every browser asks again.
                self.line.close()
                if last_try:
                    raise
        self.location = response.getheader("Location") or ""
        return response.status, time.monotonic() - started, content
