"""The simulated Safaricom's key pair, made once per simulator; the portal encrypts its initiator's password for it."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from wekeza_portal.rails.simulator.desk import Desk


def _pair(desk: Desk) -> tuple[str, str]:
    """(private key, certificate) as PEM."""
    with desk.store.lock:
        found = desk.store.recall(desk.company, "keys", "pair")
        if found is None:
            found = make()
            desk.store.remember(desk.company, "keys", "pair", found)
    return found[0], found[1]


def make() -> tuple[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "rail simulator")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return private.decode(), certificate.public_bytes(encoding).decode()


def private_key(desk: Desk) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(_pair(desk)[0].encode(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def certificate(desk: Desk) -> str:
    """The certificate as PEM text."""
    return _pair(desk)[1]
