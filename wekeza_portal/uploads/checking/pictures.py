"""A picture is decoded and its pixels are written anew: nothing else of the file survives, no EXIF, no second face."""

import io
import warnings
from typing import Any

from PIL import Image, ImageOps

from wekeza_portal.uploads.checking.refusal import Refusal

MOST_PIXELS = 25_000_000
LONGEST_EDGE = 3508
"""Pixels: a sheet of A4 at 300 dpi. What is larger is made smaller; small print stays legible."""
QUALITY = 85
FORMATS = {"JPEG": ("JPEG", "MPO"), "PNG": ("PNG",)}
"""Some phones write several pictures into one JPEG (MPO); the first is the photograph."""


def clean(kind: str, content: bytes) -> tuple[bytes, dict[str, Any]]:
    """The same picture and its size. Raises Refusal: pixels, animated, damaged."""
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        picture = _decoded(kind, content)
        picture = _plain(ImageOps.exif_transpose(picture))
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise Refusal("pixels") from None
    except (OSError, ValueError, SyntaxError, EOFError, KeyError, IndexError, TypeError, OverflowError):
        raise Refusal("damaged") from None
    picture.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
    return _written(kind, picture), {"width": picture.width, "height": picture.height}


def _decoded(kind: str, content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content), formats=[kind])
    if picture.format not in FORMATS[kind]:
        raise Refusal("damaged")
    if picture.width * picture.height > MOST_PIXELS:
        raise Refusal("pixels")
    if kind == "PNG" and getattr(picture, "is_animated", False):
        raise Refusal("animated")
    picture.load()
    return picture


def _plain(picture: Image.Image) -> Image.Image:
    """Eight bits a channel, grey or red-green-blue, on white where it was transparent; pixels alone, no attachments."""
    if picture.mode.startswith("I;16") or picture.mode == "I":
        picture = picture.convert("I").point(lambda level: level * (1 / 257)).convert("L")
    if "A" in picture.mode or "transparency" in picture.info:
        see_through = picture.convert("RGBA")
        picture = Image.new("RGBA", picture.size, "white")
        picture.alpha_composite(see_through)
    mode = "L" if picture.mode in {"1", "L"} else "RGB"
    plain = Image.new(mode, picture.size)
    plain.paste(picture.convert(mode))
    return plain


def _written(kind: str, picture: Image.Image) -> bytes:
    out = io.BytesIO()
    if kind == "JPEG":
        picture.save(out, "JPEG", quality=QUALITY)
    else:
        picture.save(out, "PNG")
    return out.getvalue()
