"""One call to a company: behind its breaker, with the token all processes share, and never raising for silence.

What is the same for every company that speaks JSON over HTTP stands here; what it says is read by its own module.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from wekeza_portal import http
from wekeza_portal.rails import circuit, tokens
from wekeza_portal.rails.base import Order, Outcome, Status, resting, silence, too_late
from wekeza_portal.rails.reading import UNREADABLE, read
from wekeza_portal.rails.tokens import Fetch, TokenAwaited, TokenRefused

RAIL_SECONDS = 20.0
"""How long one call to a rail may take in all: token, a second try, keys and the answer's last byte included."""
LOOK_UP_SECONDS = 4.0
"""How long a person who fills in a form waits for a name, all of that included."""
SLOW_SECONDS = 8.0
"""An answer that took longer counts for the breaker like none: with more of them, nobody else would be served."""
MAYBE_DONE = {408, 409, 425}
"""Refusals after which it may have been done all the same: asked about, never given back."""

Read = Callable[[httpx.Response], Outcome]


class NoAnswer(Exception):
    """Nothing came back that could be read; the outcome says whether the question ever reached them."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


def _no_code(response: httpx.Response) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Line:
    """How a company is reached. `rail` names its breaker, `title` is for staff, `fetch` gives a new token.

    `token` names the shared token where two rails use one account at the company; `fetch` None: it takes no token.
    `code_of` finds the company's own code in an answer, "" for none; `stale` are codes that say like a 401 that the
    token has ended, `calm` those that come as 5xx and are an answer all the same.
    """

    rail: str
    title: str
    fetch: Fetch | None = None
    token: str = ""
    code_of: Callable[[httpx.Response], str] = _no_code
    stale: frozenset[str] = frozenset()
    calm: frozenset[str] = frozenset()

    def answer(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        order: Order | None = None,
        **content: Any,
    ) -> httpx.Response:
        """The company's answer, whatever its status; once more when the token has just been replaced.

        `order`: the call is to carry it out, if it may still leave. All within RAIL_SECONDS.
        Raises NoAnswer: while it rests, without a token, without an answer, or told to come back later (429).
        """
        if not circuit.may_call(self.rail):
            raise NoAnswer(resting(self.title))
        rejected = ""
        with http.within(RAIL_SECONDS):
            for _ in range(2):
                bearer = self._bearer(rejected)
                given = {**(headers or {}), **({"Authorization": f"Bearer {bearer}"} if bearer else {})}
                started = time.monotonic()
                response = self._call(method, url, order, headers=given, **content)
                code = self.code_of(response)
                if response.status_code != 401 and code not in self.stale:
                    return self._counted(response, code, time.monotonic() - started)
                rejected = bearer
        reason = "our access was refused twice"
        raise NoAnswer(Outcome(Status.NOT_SENT, code or "401", reason, "later", stops_rail=True))

    def answer_soon(self, method: str, url: str, **content: Any) -> httpx.Response:
        """As `answer`, for a person who waits: within LOOK_UP_SECONDS."""
        with http.within(LOOK_UP_SECONDS):
            return self.answer(method, url, **content)

    def ask(self, method: str, url: str, read: Read, **content: Any) -> Outcome:
        """What its answer means, read by `read`; UNKNOWN when it cannot be read. `content` as for `answer`."""
        try:
            response = self.answer(method, url, **content)
        except NoAnswer as silent:
            return silent.outcome
        try:
            return read(response)
        except UNREADABLE:
            code = self.code_of(response) or str(response.status_code)
            return Outcome(Status.UNKNOWN, code, "unreadable answer", "later")

    def _call(self, method: str, url: str, order: Order | None, **content: Any) -> httpx.Response:
        if order is not None and order.may_leave is not None:
            content["may_leave"] = order.may_leave
        try:
            return http.call(method, url, **content)
        except http.TooLate as late:
            raise NoAnswer(too_late()) from late
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NoAnswer(silence(self.rail, error)) from error

    def _bearer(self, rejected: str) -> str:
        if self.fetch is None:
            return ""
        try:
            return tokens.bearer(self.token or self.rail, self.fetch, rejected=rejected)
        except (httpx.HTTPError, httpx.InvalidURL, TokenRefused) as error:
            if not isinstance(error, TokenAwaited):  # counted where it is fetched
                circuit.failed(self.rail)
            reason = f"no access token: {error}"[:200]  # whatever went wrong, the order itself was not sent
            raise NoAnswer(Outcome(Status.NOT_SENT, type(error).__name__, reason, "later")) from error

    def _counted(self, response: httpx.Response, code: str, took: float) -> httpx.Response:
        if response.status_code == 429:
            circuit.failed(self.rail)
            raise NoAnswer(Outcome(Status.NOT_SENT, code or "429", f"{self.title} takes no more for now", "later"))
        is_broken = response.status_code >= 500 and code not in self.calm
        if is_broken or took >= SLOW_SECONDS:
            circuit.failed(self.rail)
        else:
            circuit.answered(self.rail)
        return response


def token_from(response: httpx.Response) -> tuple[str, int]:
    """(token, seconds it lives) from the usual answer of OAuth 2. Raises TokenRefused."""
    try:
        found = read(response.content)
        return str(found["access_token"]), int(found["expires_in"])
    except UNREADABLE as error:
        raise TokenRefused(f"HTTP {response.status_code} instead of a token") from error


def refused_at_the_door(response: httpx.Response, code: str, reason: str) -> Outcome | None:
    """The outcome of an answer that is no success: 5xx and "you sent this before" decide nothing, other 4xx refuse.

    None for a success, which the company's own module reads.
    """
    status = response.status_code
    if status < 400:
        return None
    if status >= 500 or status in MAYBE_DONE:
        return Outcome(Status.UNKNOWN, code or str(status), (reason or f"HTTP {status}")[:200], "later")
    stops = status in {403, 404, 405}  # our account or our address is wrong: the next order fares no better
    return Outcome(Status.REFUSED, code or str(status), reason[:200], "not_possible", stops_rail=stops)


def only_asked(outcome: Outcome) -> Outcome:
    """A refused question says nothing about the order it was about."""
    return Outcome(Status.UNKNOWN, outcome.code, outcome.reason, outcome.customer, stops_rail=outcome.stops_rail)
