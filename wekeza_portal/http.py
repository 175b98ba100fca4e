"""The one way out: every call to another company's server goes through `call()`.

TLS is verified, redirects are not followed, and logs hold neither addresses' queries nor bodies. Time-outs are short,
and each call ends at one moment, whoever keeps it alive byte by byte: the connections themselves know that moment.
"""

import functools
import logging
import math
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx
from django.conf import settings

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 3.0
READ_SECONDS = 10.0
CALL_SECONDS = 15.0
"""How long one call may take from its first byte to the answer's last, where `within` leaves no less."""

MayLeave = Callable[[], bool]


class TooLate(Exception):
    """Not a byte has left: whoever wanted to send it had lost the right to when the connection stood."""


@dataclass(slots=True)
class _Errand:
    """One call: when it ends (monotonic seconds), who is asked before its first byte leaves, whether that has left."""

    ends: float
    may_leave: MayLeave | None
    has_left: bool = False

    def leave(self) -> None:
        """Before the first byte: raises TooLate, or ConnectTimeout, which says as clearly that nothing was sent."""
        if self.has_left:
            return
        if self.may_leave is not None and not self.may_leave():
            raise TooLate()
        self.patience(None, httpcore.ConnectTimeout)
        self.has_left = True

    def patience(self, seconds: float | None, over: type[Exception]) -> float:
        """How long the next step may take. Raises `over` when the end has come."""
        left = self.ends - time.monotonic()
        if left <= 0:
            raise over("no time left")
        return left if seconds is None else min(seconds, left)


_ends: ContextVar[float] = ContextVar("ends", default=math.inf)
_errand: ContextVar[_Errand] = ContextVar("errand")


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """All calls made inside end `seconds` from now, together. Of several around each other the earliest end counts."""
    before = _ends.set(min(_ends.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _ends.reset(before)


def seconds_left() -> float:
    """Until the end that `within` has set; infinite outside of it, 0 when it has come."""
    return max(0.0, _ends.get() - time.monotonic())


class _Stream(httpcore.NetworkStream):
    """A connection whose every step ends with the call it is for."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _errand.get().patience(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        _errand.get().leave()
        self._inner.write(buffer, _errand.get().patience(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        patience = _errand.get().patience(timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, patience))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Network(httpcore.SyncBackend):
    """httpcore's own network, its connections wrapped."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        patience = _errand.get().patience(timeout, httpcore.ConnectTimeout)
        return _Stream(super().connect_tcp(host, port, patience, local_address, socket_options))


class _Transport(httpx.HTTPTransport):
    """httpx's own over that network; it offers no other place to put one in."""

    def __init__(self) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=100,
            max_keepalive_connections=20,
            keepalive_expiry=5.0,
            network_backend=_Network(),
        )


@functools.cache
def _client() -> httpx.Client:
    """One client per process: connections are kept, proxies and credentials are not picked up from the environment."""
    return httpx.Client(
        transport=_Transport(),
        timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
        follow_redirects=False,
        trust_env=False,
        headers={"User-Agent": f"WekezaPortal/{settings.VERSION}"},
    )


def call(
    method: str, url: str, *, logged_as: str = "", may_leave: MayLeave | None = None, **content: Any
) -> httpx.Response:
    """Send one request and return the answer, whatever its status, within CALL_SECONDS and what `within` leaves.

    `content` as for httpx (`data`, `json`, `headers`). `logged_as` stands in the logs for a path that names somebody.
    `may_leave` is asked once, when the connection stands and nothing has been sent.
    Raises httpx.HTTPError when there is no answer (time-out, refused connection, bad certificate), httpx.InvalidURL,
    and TooLate when `may_leave` said no.
    """
    where = urlsplit(url)
    path = logged_as or where.path
    started = time.monotonic()
    try:
        with within(CALL_SECONDS):
            response = _sent(_Errand(_ends.get(), may_leave), method, url, content)
    except (httpx.HTTPError, TooLate) as error:
        logger.warning("%s %s%s: %s", method, where.hostname, path, type(error).__name__)
        raise
    took = (time.monotonic() - started) * 1000
    logger.info("%s %s%s: %s in %.0f ms", method, where.hostname, path, response.status_code, took)
    return response


def _sent(errand: _Errand, method: str, url: str, content: dict[str, Any]) -> httpx.Response:
    before = _errand.set(errand)
    try:
        return _client().request(method, url, **content)
    finally:
        _errand.reset(before)
