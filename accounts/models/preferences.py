"""What a customer may choose about how the portal shows things; what foreign money was worth, for showing alone."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.branch import MONEY
from wekeza_portal.models import DatedRow


class DateFormat(models.TextChoices):
    """How the customer's pages write a date. Papers and messages always write the month as a word."""

    DMY = "DMY", _("31/12/2026: day, month, year")
    MDY = "MDY", _("12/31/2026: month, day, year")
    YMD = "YMD", _("2026-12-31: year, month, day")
    WRITTEN = "WRITTEN", _("31 December 2026: the month as a word")


class Theme(models.TextChoices):
    """The values are those of `wekeza_portal.looks`."""

    DEVICE = "device", _("As my device says")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class TextSize(models.TextChoices):
    """The values are those of `wekeza_portal.looks`."""

    NORMAL = "normal", _("Normal")
    LARGE = "large", _("Large")
    LARGER = "larger", _("Larger")


class Currency(models.TextChoices):
    """Beside which foreign money a balance can be shown."""

    USD = "USD", _("US dollar (USD)")
    EUR = "EUR", _("Euro (EUR)")
    GBP = "GBP", _("British pound (GBP)")


class HistoryShown(models.IntegerChoices):
    """Years of history that lists show. Nothing is deleted: records are kept as the law says."""

    EVERYTHING = 0, _("Everything")
    ONE = 1, _("1 year")
    TWO = 2, _("2 years")
    FIVE = 5, _("5 years")


class IndicativeRate(DatedRow):
    """KES for one unit of foreign money, on a day: only ever shown beside a balance. Nothing is paid by it."""

    code = models.CharField(max_length=3, choices=Currency.choices)
    kes = models.DecimalField(**MONEY)

    class Meta:
        db_table = "portal_indicative_rate"
        constraints = [
            models.UniqueConstraint(fields=["code", "effective_from"], name="portal_indicative_rate_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.code} from {self.effective_from}: KES {self.kes}"
