"""Files as people send them, and as others do."""

import io
import struct
import zlib
from typing import Any

import pikepdf
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image


def sent(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def picture(kind: str = "JPEG", mode: str = "RGB", size: tuple[int, int] = (60, 40), **how: Any) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, 60 if mode in {"L", "I;16", "P", "1"} else None).save(out, kind, **how)
    return out.getvalue()


def noise(kind: str, size: tuple[int, int]) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(out, kind)
    return out.getvalue()


def pdf(pages: int = 1, **root: Any) -> bytes:
    paper = pikepdf.new()
    for _number in range(pages):
        paper.add_blank_page()
    for key, value in root.items():
        paper.Root[f"/{key}"] = value
    return saved(paper)


def saved(paper: pikepdf.Pdf, **how: Any) -> bytes:
    out = io.BytesIO()
    paper.save(out, **how)
    return out.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_saying(width: int, height: int, *extra: bytes, data: bytes = b"") -> bytes:
    """A PNG whose header claims this size, whatever its data holds."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(data or bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(extra) + body + chunk(b"IEND", b"")
