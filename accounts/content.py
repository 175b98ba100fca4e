"""The digest of what an instruction says: whatever was reviewed is what is posted."""

import hashlib
import json

from accounts.models import Instruction
from wekeza_portal.money import exact


def content_hash(instruction: Instruction) -> str:
    """SHA-256 over who, what, how much and to whom: changes whenever what was reviewed changes."""
    content = {
        "customer": instruction.customer_id,
        "kind": instruction.kind,
        "payload": instruction.payload,
        "payee": instruction.payee_key,
        "amount": str(exact(instruction.amount)),
        "fee": str(exact(instruction.fee)),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
