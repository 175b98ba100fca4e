"""What privacy gives to others through the registry."""

from django.utils.translation import gettext_lazy as _

from accounts.privacy import datapaper, demo, exported, mydata, terms
from wekeza_portal import registry
from wekeza_portal.documents.kinds import paper_kinds


def register_all() -> None:
    paper_kinds.register(terms.PAPER, terms.paper_kind())
    paper_kinds.register(datapaper.PAPER, datapaper.paper_kind())
    registry.instruction_kinds.register(mydata.KIND, mydata.kind())
    registry.message_links.register("data_request", _("See the answer"))
    registry.demo_seeders.register("91-privacy", demo.seed)
    exported.register_all()
