"""The staff's pages of privacy, and its dated figures."""

from django.utils.translation import gettext_lazy as _

from accounts.models import PrivacyFigure
from accounts.privacy import requestboards, textboards
from wekeza_portal.staff import figures


def register() -> None:
    """Put the pages into the staff's index; what each role may do with them."""
    textboards.register()
    requestboards.register()
    figures.register(
        "privacy",
        figures.Figure(
            title=_("Requests about data, and how long we keep records"),
            model=PrivacyFigure,
            keys=("code",),
            value="value",
            labels={"code": _("Which"), "value": _("Figure")},
            counts=frozenset(PrivacyFigure.Code.values),
        ),
    )
