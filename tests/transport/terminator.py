"""TLS as it stands in front of the portal: a proxy of a few lines with a certificate of its own making."""

import http.client
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "localhost"
OF_THE_CONNECTION = {"connection", "keep-alive", "transfer-encoding"}


def certificate(folder: Path) -> Path:
    """A key and a certificate for `localhost`, good for a day, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "localhost.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


class Proxy(BaseHTTPRequestHandler):
    """Passes everything on, says how it came, and believes nothing of that from the visitor."""

    behind: int
    scheme: str

    def do_GET(self) -> None:
        headers = {name: value for name, value in self.headers.items() if not name.lower().startswith("x-forwarded-")}
        headers |= {"X-Forwarded-Proto": self.scheme, "X-Forwarded-For": self.client_address[0]}
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        upstream = http.client.HTTPConnection("127.0.0.1", self.behind, timeout=30)
        try:
            upstream.request(self.command, self.path, body=body or None, headers=headers)
            self._pass_back(upstream.getresponse())
        finally:
            upstream.close()

    do_POST = do_GET

    def _pass_back(self, response: http.client.HTTPResponse) -> None:
        content = response.read()
        self.send_response_only(response.status, response.reason)
        for name, value in response.getheaders():
            if name.lower() not in OF_THE_CONNECTION | {"content-length"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nothing: the answers are looked at."""


@contextmanager
def listening(behind: int, *, pem: Path | None = None) -> Iterator[int]:
    """A port that leads to `behind`: over TLS with a certificate, in clear without."""
    kind = type("ProxyTo", (Proxy,), {"behind": behind, "scheme": "https" if pem else "http"})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    if pem is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
