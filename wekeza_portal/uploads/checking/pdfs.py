"""A PDF is read whole, refused if it could do anything but be read, and written anew without what hangs behind its end.

Names are compared after the reader has undone their escapes (`/J#61vaScript`), also within compressed object streams.
"""

import io
import zlib
from collections.abc import Iterator
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from wekeza_portal.uploads.checking.refusal import Refusal

MOST_PAGES = 50
MOST_OBJECTS = 50_000
LARGEST_STREAM = 80_000_000
"""Bytes once unpacked: a picture of 25 megapixels in colour, and a little."""
KEYS = {
    "/JavaScript", "/JS", "/AA", "/Launch", "/EmbeddedFile", "/EmbeddedFiles", "/EF", "/AF", "/RichMedia",
    "/RichMediaContent", "/XFA", "/Collection", "/NeedsRendering", "/Encrypt",
}  # fmt: skip
TYPES = {
    "/JavaScript", "/Launch", "/EmbeddedFile", "/RichMedia", "/RichMediaExecute", "/FileAttachment", "/SubmitForm",
    "/ImportData", "/GoToE", "/GoToR", "/Rendition", "/Movie", "/Sound", "/Screen", "/3D", "/Widget",
}  # fmt: skip
"""Values of /S, /Type and /Subtype."""


def clean(content: bytes) -> tuple[bytes, dict[str, Any]]:
    """The same pages and how many. Raises Refusal: locked, pages, active, damaged."""
    pikepdf.settings.set_qpdf_limits(flate_max_memory=LARGEST_STREAM, parser_max_container_size=MOST_OBJECTS)
    try:
        with pikepdf.open(io.BytesIO(content), attempt_recovery=False) as pdf:
            if pdf.is_encrypted:
                raise Refusal("locked")
            pages = _count_pages(pdf)
            _examine(pdf)
            return _written(pdf), {"pages": pages}
    except pikepdf.PasswordError:
        raise Refusal("locked") from None
    except (pikepdf.PdfError, pikepdf.PikepdfError, OSError, ValueError, TypeError, KeyError, zlib.error):
        raise Refusal("damaged") from None


def _count_pages(pdf: Pdf) -> int:
    count = len(pdf.pages)
    if count > MOST_PAGES:
        raise Refusal("pages")
    if count == 0:
        raise Refusal("damaged")
    return count


def _examine(pdf: Pdf) -> None:
    if len(pdf.objects) > MOST_OBJECTS:
        raise Refusal("damaged")
    opens_with = pdf.Root.get("/OpenAction")
    if isinstance(opens_with, Dictionary):
        raise Refusal("active")
    for part in _parts([pdf.trailer, *pdf.objects]):
        if isinstance(part, Dictionary | Stream):
            _refuse_active(part)
        if isinstance(part, Stream):
            _refuse_bomb(part)


def _parts(roots: list[Any]) -> Iterator[Any]:
    """Every object and, inside it, every one that is written directly there."""
    waiting = list(roots)
    while waiting:
        part = waiting.pop()
        yield part
        if isinstance(part, Dictionary | Stream):
            inner = [part[key] for key in part.keys()]  # noqa: SIM118 - a stream iterates over something else
        else:
            inner = list(part) if isinstance(part, Array) else []
        waiting += [item for item in inner if isinstance(item, Dictionary | Array) and not item.is_indirect]


def _refuse_active(part: Any) -> None:
    if KEYS & set(part.keys()):
        raise Refusal("active")
    for key in ("/S", "/Type", "/Subtype"):
        value = part.get(key)
        if isinstance(value, Name) and str(value) in TYPES:
            raise Refusal("active")


def _refuse_bomb(stream: Any) -> None:
    """Nothing packed twice, and nothing that grows beyond what a page of paper needs."""
    filters = stream.get("/Filter")
    names = [str(name) for name in filters] if isinstance(filters, Array) else [str(filters)]
    packed = [name for name in names if name in {"/FlateDecode", "/Fl", "/LZWDecode", "/LZW"}]
    if len(packed) > 1:
        raise Refusal("damaged")
    if names[0] not in {"/FlateDecode", "/Fl"}:
        return
    unpacker, size, rest = zlib.decompressobj(), 0, stream.read_raw_bytes()
    while rest and not unpacker.eof:
        size += len(unpacker.decompress(rest, 1_000_000))
        rest = unpacker.unconsumed_tail
        if size > LARGEST_STREAM:
            raise Refusal("damaged")


def _written(pdf: Pdf) -> bytes:
    """Without the notes on who made it, where and with what."""
    if "/Info" in pdf.trailer:
        del pdf.trailer["/Info"]
    if "/Metadata" in pdf.Root:
        del pdf.Root["/Metadata"]
    out = io.BytesIO()
    pdf.save(
        out,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
        deterministic_id=True,
    )
    return out.getvalue()
