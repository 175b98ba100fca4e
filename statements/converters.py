"""References in addresses."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

_PLAIN = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


class YearConverter:
    """Four digits."""

    regex = "[0-9]{4}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return f"{value:04d}"


class ReferenceConverter:
    """A branch reference as one part of a path.

    Most are plain (`TRF1A2B3C4D_OUT`) and stand as they are. The column holds any text, though: slashes, blanks, dots,
    line breaks. Those are written as `~` and base64url, so that every row has an address no browser rewrites.
    """

    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        if not value.startswith("~"):
            return value
        try:
            padding = "=" * (-(len(value) - 1) % 4)
            return urlsafe_b64decode(value[1:] + padding).decode()
        except UnicodeError:
            raise ValueError(value) from None

    def to_url(self, value: str) -> str:
        if _PLAIN.fullmatch(value):
            return value
        return "~" + urlsafe_b64encode(value.encode()).decode().rstrip("=")
