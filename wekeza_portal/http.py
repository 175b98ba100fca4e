"""The one way out: every call to another company's server goes through `call()`.

TLS is verified, redirects are not followed, time-outs are short, and logs hold neither addresses' queries nor bodies.
"""

import functools
import logging
import time
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.conf import settings

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 3.0
READ_SECONDS = 10.0


@functools.cache
def _client() -> httpx.Client:
    """One client per process: connections are kept, proxies and credentials are not picked up from the environment."""
    return httpx.Client(
        timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
        follow_redirects=False,
        trust_env=False,
        headers={"User-Agent": f"WekezaPortal/{settings.VERSION}"},
    )


def call(method: str, url: str, *, logged_as: str = "", **content: Any) -> httpx.Response:
    """Send one request and return the answer, whatever its status.

    `content` as for httpx (`data`, `json`, `headers`). `logged_as` stands in the logs for a path that names somebody.
    Raises httpx.HTTPError when there is no answer (time-out,
    refused connection, bad certificate) and httpx.InvalidURL.
    """
    where = urlsplit(url)
    path = logged_as or where.path
    started = time.monotonic()
    try:
        response = _client().request(method, url, **content)
    except httpx.HTTPError as error:
        logger.warning("%s %s%s: %s", method, where.hostname, path, type(error).__name__)
        raise
    took = (time.monotonic() - started) * 1000
    logger.info("%s %s%s: %s in %.0f ms", method, where.hostname, path, response.status_code, took)
    return response
