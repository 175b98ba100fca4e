"""Words about services that forms, pages and the branch's row share."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

CASH = "CASH"
LEAVES = (25, 50, 100)
POWERS: Mapping[str, Any] = {
    "LOOK": _("Ask for balances and statements"),
    "TOGETHER": _("Take money out together with me"),
    "ALONE": _("Take money out alone"),
}
FOR_STAFF: Mapping[str, str] = {
    "LOOK": "may ask for balances and statements",
    "TOGETHER": "may operate it together with the customer",
    "ALONE": "may operate it alone",
}
LETTERS: Mapping[str, Any] = {
    "ACCOUNT": _("Letter that confirms an account"),
    "BALANCE": _("Letter that confirms a balance"),
}
