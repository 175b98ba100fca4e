"""The portal as it is reached in production: over TLS, behind a proxy."""

CRASH = "crash/of/a/page/"
"""A page that only these tests add, and that crashes."""
