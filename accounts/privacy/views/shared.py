"""What the pages of privacy have in common."""

from accounts.requests import OpenRequest


def skeleton(request: OpenRequest) -> str:
    """The frame of a page that is open to everybody: a customer keeps the one they know."""
    return "section.html" if request.customer is not None else "public.html"
