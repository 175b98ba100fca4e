"""The default storage: files encrypted in the database, so that any number of web hosts see the same ones.

Where files outgrow the database, point `STORAGES["default"]` at an object store: everything goes through Django's
storage API.
"""

from cryptography.fernet import InvalidToken
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage
from django.utils.deconstruct import deconstructible

from wekeza_portal import clock, crypto
from wekeza_portal.documents.models import StoredFile


class UnreadableFile(OSError):
    """The stored bytes were changed, moved under another name, or belong to a key we no longer have."""


@deconstructible
class EncryptedDatabaseStorage(Storage):
    """Whole files, read and written at once; made for papers and uploads of a few megabytes. Has no URLs."""

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":
        row = StoredFile.objects.filter(name=name).first()
        if row is None:
            raise FileNotFoundError(name)
        try:
            bound = crypto.decrypt_bytes(bytes(row.content))
        except InvalidToken:
            raise UnreadableFile(name) from None
        label = _label(name)
        if not bound.startswith(label):
            raise UnreadableFile(name)
        return ContentFile(bound[len(label) :], name=name)

    def _save(self, name: str, content: "File[bytes]") -> str:
        data = content.read()
        data = data.encode() if isinstance(data, str) else data
        StoredFile.objects.create(
            name=name,
            content=crypto.encrypt_bytes(_label(name) + data),
            size=len(data),
            created_at=clock.now(),
        )
        return name

    def exists(self, name: str) -> bool:
        return StoredFile.objects.filter(name=name).exists()

    def delete(self, name: str) -> None:
        StoredFile.objects.filter(name=name).delete()

    def size(self, name: str) -> int:
        row = StoredFile.objects.only("size").filter(name=name).first()
        if row is None:
            raise FileNotFoundError(name)
        return row.size


def _label(name: str) -> bytes:
    """Encrypted with the content, so that one row's content cannot be passed off as another's."""
    return name.encode() + b"\0"
