"""What privacy gives to others through the registry."""

from accounts.privacy import terms
from wekeza_portal.documents.kinds import paper_kinds


def register_all() -> None:
    paper_kinds.register(terms.PAPER, terms.paper_kind())
