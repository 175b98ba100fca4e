"""A passkey made of software, to sign what a phone would, and what it never would."""

import hashlib
import json
import os
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import bytes_to_base64url as text

PRESENT, VERIFIED, HAS_KEY = 0x01, 0x04, 0x40


class SoftKey:
    """One credential. `origin` and `host` are where it believes to be; `counter` grows with each signature."""

    def __init__(self, origin: str, host: str = "localhost") -> None:
        self.origin, self.host, self.counter = origin, host, 0
        self.flags = PRESENT | VERIFIED
        self.id = os.urandom(32)
        self._key = ec.generate_private_key(ec.SECP256R1())

    def create(self, options: str) -> str:
        """What the browser sends for a new passkey."""
        numbers = self._key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        credential = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(cose)
        data = self._authenticator_data(HAS_KEY) + credential
        made = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer({"attestationObject": text(made)}, self._client_data("webauthn.create", options))

    def get(self, options: str) -> str:
        """What the browser sends to show that it has the passkey."""
        self.counter += 1
        client, data = self._client_data("webauthn.get", options), self._authenticator_data()
        signature = self._key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer({"authenticatorData": text(data), "signature": text(signature)}, client)

    def _authenticator_data(self, more: int = 0) -> bytes:
        host = hashlib.sha256(self.host.encode()).digest()
        return host + bytes([self.flags | more]) + self.counter.to_bytes(4, "big")

    def _client_data(self, kind: str, options: str) -> bytes:
        challenge = json.loads(options)["challenge"]
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, response: dict[str, Any], client_data: bytes) -> str:
        response["clientDataJSON"] = text(client_data)
        return json.dumps({"id": text(self.id), "rawId": text(self.id), "type": "public-key", "response": response})
