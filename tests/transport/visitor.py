"""Somebody who visits the portal over TLS, keeps cookies like a browser, and keeps every answer to be scored."""

import gzip
import http.client
import re
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from tests.transport.observatory import Answer, parsed
from tests.transport.terminator import HOST

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


@dataclass
class Reply:
    """One answer as it came."""

    status: int
    headers: dict[str, str]
    cookies: tuple[str, ...]
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")


@dataclass
class Visitor:
    pem: Path
    tls_port: int
    clear_port: int
    source: str = "127.0.0.1"
    """The address the visitor comes from: every one in 127.0.0.0/8 is this machine's."""
    jar: dict[str, str] = field(default_factory=dict)
    received: list[str] = field(default_factory=list)

    def get(self, path: str, *, tls: bool = True, **headers: str) -> Reply:
        return self._ask("GET", path, None, tls, headers)

    def token(self, path: str) -> str:
        """The CSRF token of the form on a page."""
        found = TOKEN.search(self.get(path).text)
        assert found is not None, f"no form on {path}"
        return found.group(1)

    def post(self, path: str, data: dict[str, str], *, token: str = "", **more: str) -> Reply:
        """Send a form."""
        origin = f"https://{HOST}:{self.tls_port}"
        body = urlencode({**data, "csrfmiddlewaretoken": token} if token else data)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": origin, "Referer": origin, **more}
        return self._ask("POST", path, body, True, headers)

    def answer(self, reply: Reply, path: str) -> Answer:
        """The reply as the Observatory sees it: with all cookies so far, and where the address leads without TLS."""
        location = self._ask("GET", path, None, False, {}).headers.get("location", "")
        return Answer(reply.headers, tuple(self.received), reply.text, location)

    def _ask(self, method: str, path: str, body: str | None, tls: bool, headers: dict[str, str]) -> Reply:
        connection: http.client.HTTPConnection
        if tls:
            context = ssl.create_default_context(cafile=str(self.pem))
            here = (self.source, 0)
            connection = http.client.HTTPSConnection(
                HOST, self.tls_port, timeout=30, context=context, source_address=here
            )
            cookies = "; ".join(f"{name}={value}" for name, value in self.jar.items())
            headers = {"Accept-Encoding": "gzip", **({"Cookie": cookies} if cookies else {}), **headers}
        else:
            connection = http.client.HTTPConnection(HOST, self.clear_port, timeout=30)
        try:
            connection.request(method, path, body=body, headers=headers)
            return self._kept(connection.getresponse())
        finally:
            connection.close()

    def _kept(self, response: http.client.HTTPResponse) -> Reply:
        content = response.read()
        headers = {name.lower(): value for name, value in response.getheaders()}
        if headers.get("content-encoding") == "gzip":
            content = gzip.decompress(content)
        cookies = tuple(response.headers.get_all("Set-Cookie") or ())
        for line in cookies:
            self.received.append(line)
            for cookie in parsed((line,)):
                self.jar[cookie.key] = cookie.value
        return Reply(response.status, headers, cookies, content)
