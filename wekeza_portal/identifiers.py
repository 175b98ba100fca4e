"""Identifiers that people read aloud."""

import secrets

# Crockford's alphabet: no I, L, O or U, so nothing is misread and no word is spelled.
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_reference() -> str:
    """A payment reference: 12 random Crockford characters in fours, like 7K3M-9QTX-2B4D (60 bits)."""
    text = "".join(secrets.choice(CROCKFORD) for _ in range(12))
    return f"{text[:4]}-{text[4:8]}-{text[8:]}"
