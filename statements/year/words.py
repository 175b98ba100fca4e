"""What the groups of movements are called."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts import vocabulary

GROUP_WORDS: dict[str, Any] = {
    vocabulary.FEES: _("Fees paid"),
    vocabulary.INTEREST: _("Interest earned"),
    vocabulary.TAX: _("Tax withheld"),
}
