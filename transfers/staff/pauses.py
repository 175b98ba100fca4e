"""Staff pages about payments."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from transfers.payees import figures
from wekeza_portal.staff import roles
from wekeza_portal.staff.site import portal_admin

SEE_PAUSES = "transfers.view_scampause"


@require_safe
def scam_pauses(request: HttpRequest) -> HttpResponse:
    """What the question before large payments to somebody new did, by week and kind. Figures only, nobody's name."""
    context = {"lines": figures.lines(), "weeks": figures.WEEKS}
    return portal_admin.page(request, "staff/scam_pauses.html", _("Scam questions"), **context)


def register() -> None:
    """Put the pages into the staff's index; what each role may do with them."""
    portal_admin.add_board("scam_pauses", "scam-pauses/", scam_pauses, gettext_lazy("Scam questions"), SEE_PAUSES)
    for role in (roles.RISK, roles.OPERATIONS, roles.AUDIT):
        roles.grant(role, SEE_PAUSES)
