"""The code on a paper: how it is read, where it leads, and its drawing as a QR code."""

import re
from dataclasses import dataclass

import segno
from django.conf import settings
from django.urls import reverse

# What people write for a letter that Crockford's alphabet left out on purpose.
_MISREAD = str.maketrans("OIL", "011")
_CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code as one SVG path; `size` in modules, with the quiet zone of four around it that readers need."""

    path: str
    size: int


@dataclass(frozen=True, slots=True)
class Check:
    """What a paper says about how to verify it."""

    code: str
    address: str
    form_address: str
    qr: QrCode


def normal(text: str) -> str:
    """A code as typed, in its one form (7K3M-9QTX-2B4D); "" when it cannot be one.

    Small letters, blanks and hyphens are forgiven, and O, I and L, which no code has.
    """
    letters = re.sub(r"[\s-]+", "", text[:40]).upper().translate(_MISREAD)
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:]}" if _CODE.fullmatch(letters) else ""


def check_of(code: str) -> Check:
    """Code, address and drawing, the address under PUBLIC_URL."""
    base = settings.PUBLIC_URL.rstrip("/")
    address = base + reverse("verify_paper", args=[code])
    return Check(code=code, address=address, form_address=base + reverse("verify"), qr=qr_code(address))


def qr_code(text: str) -> QrCode:
    """`text` as a QR code that survives a crease (error correction M)."""
    rows = list(segno.make_qr(text, error="m").matrix_iter(border=4))
    path = "".join(
        f"M{run.start()} {y}h{run.end() - run.start()}v1h-{run.end() - run.start()}z"
        for y, row in enumerate(rows)
        for run in re.finditer("1+", "".join("1" if module else "0" for module in row))
    )
    return QrCode(path=path, size=len(rows))
