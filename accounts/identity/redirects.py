"""Where a visitor may be sent: only to pages of our own."""

from urllib.parse import urlsplit

from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme

# Coming back to these would lead in a circle.
NEVER_NEXT = {
    "login", "login_code", "login_resend", "logout", "session_extend", "session_keep", "enrol", "language",
    "terms_accept",
}  # fmt: skip


def safe_path(candidate: str | None) -> str:
    """`candidate` if it is the path of one of our pages, else an empty string."""
    if not candidate or not candidate.startswith("/") or not candidate.isprintable() or len(candidate) > 500:
        return ""
    if not url_has_allowed_host_and_scheme(candidate, allowed_hosts=None):
        return ""
    try:
        match = resolve(urlsplit(candidate).path)
    except (Resolver404, ValueError):
        return ""
    return "" if match.url_name in NEVER_NEXT else candidate
