"""Keyed hashing and encryption of single values, with key rotation.

Keys come from FIELD_KEYS (newest first). The demo and tests, which have none, derive theirs from SECRET_KEY.
"""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


def _materials() -> list[str]:
    return list(settings.FIELD_KEYS) or [settings.SECRET_KEY]


def _keys() -> list[Fernet]:
    keys = [hashlib.sha256(b"portal.field." + text.encode()).digest() for text in _materials()]
    return [Fernet(base64.urlsafe_b64encode(key)) for key in keys]


def _fernet() -> MultiFernet:
    return MultiFernet(_keys())


def encrypt(text: str) -> str:
    """Encrypt with the newest key."""
    return _fernet().encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """Undo `encrypt` with whichever key fits; cryptography.fernet.InvalidToken if none does."""
    return _fernet().decrypt(token.encode()).decode()


def encrypt_bytes(content: bytes) -> bytes:
    """Encrypt a file with the newest key."""
    return _fernet().encrypt(content)


def decrypt_bytes(token: bytes) -> bytes:
    """Undo `encrypt_bytes` with whichever key fits; cryptography.fernet.InvalidToken if none does."""
    return _fernet().decrypt(token)


def is_newest(token: bytes) -> bool:
    """Whether this was encrypted with the newest key."""
    try:
        MultiFernet(_keys()[:1]).decrypt(token)
    except InvalidToken:
        return False
    return True


def renewed(token: bytes) -> bytes:
    """The same under the newest key, made at the same moment; cryptography.fernet.InvalidToken if no key fits."""
    return _fernet().rotate(token)


def keyed_digest(purpose: str, text: str) -> str:
    """HMAC-SHA256 in hex under the oldest key, separate for each purpose.

    The oldest key, because what is looked up by its digest must still be found after a rotation.
    """
    return hmac.new(_materials()[-1].encode(), f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()


def signing_keys(purpose: str) -> dict[str, bytes]:
    """Keys for signatures that are kept, newest first, separate for each purpose, by an id that gives none away.

    A signature stores the id of its key, so that it can be checked after a rotation while FIELD_KEYS still holds it.
    """
    keys = [hmac.new(text.encode(), f"signing\0{purpose}".encode(), hashlib.sha256).digest() for text in _materials()]
    return {hashlib.sha256(b"portal.key-id" + key).hexdigest()[:12]: key for key in keys}
