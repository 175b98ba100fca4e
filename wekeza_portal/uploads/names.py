"""A stranger's file name, made fit to be shown. Never used to store anything."""

import re
import unicodedata

LONGEST = 60
FALLBACK = "paper"
EXTENSIONS = {"jpg": "JPEG", "jpeg": "JPEG", "jpe": "JPEG", "png": "PNG", "pdf": "PDF"}
_OWN = {"JPEG": "jpg", "PNG": "png", "PDF": "pdf"}


def kind_of(name: str) -> str | None:
    """JPEG, PNG or PDF by the last extension; None for every other."""
    stem, dot, extension = name.rpartition(".")
    return EXTENSIONS.get(extension.strip().lower()) if stem and dot else None


def cleaned(name: str, kind: str) -> str:
    """At most 60 characters and one extension, that of `kind`: "../../x.php.jpg" becomes "x_php.jpg".

    Path, control and direction-turning characters go; letters of any script and pictures stay.
    """
    last = re.split(r"[/\\]", name)[-1]
    stem = last.rpartition(".")[0] or last
    words = shown(stem.replace(".", "_")).strip(" _-")
    return f"{words or FALLBACK}.{_OWN[kind]}"


def shown(name: str) -> str:
    """A refused file's name as it may stand in a sentence: what can be seen of its first 60 characters."""
    visible = "".join(character for character in unicodedata.normalize("NFC", name) if _is_visible(character))
    return " ".join(visible.split())[:LONGEST]


def _is_visible(character: str) -> bool:
    return unicodedata.category(character)[0] != "C" or character.isspace()
