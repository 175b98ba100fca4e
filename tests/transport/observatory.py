"""The score of Mozilla's HTTP Observatory for one answer, by its published rules, in a few pure functions.

Rules: https://developer.mozilla.org/en-US/observatory/docs/tests_and_scoring. Two bonuses are out of reach here and
left out: being in the browsers' preload list (+5), which is by application, and scripts from elsewhere, which we have
not. Everything starts at 100; a bonus counts only where the penalties alone leave 90.
"""

import re
from dataclasses import dataclass
from http.cookies import Morsel, SimpleCookie

BASE, ENOUGH_FOR_BONUS = 100, 90
SIX_MONTHS = 15_552_000
BROAD = {"*", "http:", "https:", "ftp:", "http://*", "https://*", "http://*.*", "https://*.*"}
UNSAFE = BROAD | {"'unsafe-inline'", "data:"}
PRIVATE_REFERRER = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
SCRIPT = re.compile(r"<script\b[^>]*\bsrc=[^>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one request over TLS brought back; header names in lower case, cookies as all of the visit so far."""

    headers: dict[str, str]
    cookies: tuple[str, ...] = ()
    body: str = ""
    http_location: str = ""
    """Where the same address without TLS leads to."""


def score(answer: Answer) -> int:
    """100 and what the tests add and take away; never below 0."""
    points = modifiers(answer).values()
    penalised = BASE + sum(point for point in points if point < 0)
    return max(penalised + sum(point for point in points if point > 0 and penalised >= ENOUGH_FOR_BONUS), 0)


def modifiers(answer: Answer) -> dict[str, int]:
    """What each of the tests is worth for this answer."""
    policy = directives(answer.headers.get("content-security-policy", ""))
    return {
        "content-security-policy": _policy(policy),
        "cookies": _cookies(answer),
        "cross-origin-resource-sharing": _sharing(answer.headers),
        "redirection": 0 if answer.http_location.startswith("https://") else -20,
        "referrer-policy": _referrer(answer.headers.get("referrer-policy", "")),
        "strict-transport-security": _transport(answer.headers.get("strict-transport-security", "")),
        "subresource-integrity": _integrity(answer),
        "x-content-type-options": 0 if answer.headers.get("x-content-type-options") == "nosniff" else -5,
        "x-frame-options": _frames(policy, answer.headers.get("x-frame-options", "")),
        "cross-origin-resource-policy": _resource(answer.headers.get("cross-origin-resource-policy", "")),
    }


def directives(policy: str) -> dict[str, set[str]]:
    """A policy by directive; empty without one. What stands twice is read as allowing both."""
    found: dict[str, set[str]] = {}
    for name, *sources in (part.split() for part in policy.lower().split(";") if part.strip()):
        found.setdefault(name, set()).update(sources)
    return found


def _policy(policy: dict[str, set[str]]) -> int:
    if not policy:
        return -25
    default = policy.get("default-src", {"*"})
    script, style, objects = (policy.get(name, default) for name in ("script-src", "style-src", "object-src"))
    active = {source for name, sources in policy.items() if name not in {"img-src", "media-src"} for source in sources}
    if script & UNSAFE or objects & BROAD or any(source.startswith(("http:", "ftp:")) for source in active):
        return -20
    passive = policy.get("img-src", default) | policy.get("media-src", default)
    if "'unsafe-eval'" in script | style or any(source.startswith(("http:", "ftp:")) for source in passive):
        return -10
    if style & UNSAFE:
        return 0
    return 10 if default == {"'none'"} else 5


def parsed(cookies: tuple[str, ...]) -> list[Morsel[str]]:
    """Set-Cookie headers as cookies."""
    return [morsel for line in cookies for morsel in SimpleCookie(line).values()]


def _cookies(answer: Answer) -> int:
    """The worst fault of any; the bonus when all are Secure and SameSite, and sessions HttpOnly."""
    found = parsed(answer.cookies)
    if not found:
        return 0
    kept_by_hsts = _transport(answer.headers.get("strict-transport-security", "")) == 0
    faults = [fault for cookie in found for fault in _faults(cookie, kept_by_hsts)]
    if faults:
        return min(faults)
    return 5 if all(cookie["samesite"] for cookie in found) else 0


def _faults(cookie: Morsel[str], kept_by_hsts: bool) -> list[int]:
    name = cookie.key.lower()
    is_session, is_csrf = "sess" in name or "login" in name, "csrf" in name
    faults = []
    if not cookie["secure"]:
        faults.append((-10 if is_session else -5) if kept_by_hsts else (-40 if is_session else -20))
    if cookie["samesite"].lower() not in {"", "lax", "strict", "none"} or (is_csrf and not cookie["samesite"]):
        faults.append(-20)
    if is_session and not cookie["httponly"]:
        faults.append(-30)
    return faults


def _sharing(headers: dict[str, str]) -> int:
    is_open = headers.get("access-control-allow-origin", "") not in {"", "null"}
    return -50 if is_open and headers.get("access-control-allow-credentials", "").lower() == "true" else 0


def _referrer(value: str) -> int:
    if not value:
        return 0
    return 5 if value.split(",")[-1].strip() in PRIVATE_REFERRER else -5


def _transport(value: str) -> int:
    age = re.search(r"\bmax-age=(\d+)", value)
    if not age or "," in value:
        return -20
    return 0 if int(age.group(1)) >= SIX_MONTHS else -10


def _integrity(answer: Answer) -> int:
    """The bonus for pages whose scripts, all our own, name their digest."""
    scripts = SCRIPT.findall(answer.body) if answer.headers.get("content-type", "").startswith("text/html") else []
    if any(re.search(r"src=[\"']?(?:https?:)?//", script) for script in scripts):
        return -5
    return 5 if scripts and any("integrity=" in script for script in scripts) else 0


def _frames(policy: dict[str, set[str]], value: str) -> int:
    ancestors = policy.get("frame-ancestors")
    if ancestors is not None and not ancestors & BROAD:
        return 5
    return 0 if value.upper() in {"DENY", "SAMEORIGIN"} else -20


def _resource(value: str) -> int:
    return {"same-origin": 10, "same-site": 10, "cross-origin": 0, "": 0}.get(value, -5)
