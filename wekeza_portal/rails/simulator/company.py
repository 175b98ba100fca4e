"""What a simulated company is made of."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from wekeza_portal.rails.simulator.desk import Desk


@dataclass(frozen=True, slots=True)
class Request:
    """One request to a company; `path` without the company's own prefix, header names in small letters."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body as a JSON object. ValueError when it is none."""
        found = json.loads(self.body)
        if not isinstance(found, dict):
            raise ValueError("not an object")
        return found

    def form(self) -> dict[str, str]:
        """The body as a form, first values only."""
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; `content` is JSON unless it is text already."""

    status: int
    content: Any = field(default_factory=dict)
    content_type: str = "application/json"
    is_secret: bool = False
    """Whether the simulator keeps no copy of it."""

    def body(self) -> bytes:
        text = self.content if isinstance(self.content, str) else json.dumps(self.content)
        return text.encode()


@dataclass(frozen=True, slots=True)
class Accepted(Reply):
    """An answer after which the company does what was asked: the fault `accept_503` turns it into a 503."""


Handler = Callable[["Desk", Request], Reply]


@dataclass(frozen=True, slots=True)
class Company:
    """`routes` by (method, path); a path that ends in `*` takes every path that begins so."""

    name: str
    title: str
    routes: Mapping[tuple[str, str], Handler]

    def find(self, method: str, path: str) -> Handler | None:
        exact = self.routes.get((method, path))
        if exact is not None:
            return exact
        starred = ((route, handler) for (verb, route), handler in self.routes.items() if verb == method)
        return next((handler for route, handler in starred if route[-1] == "*" and path.startswith(route[:-1])), None)
