"""One Kiswahili word for a number, in what was seeded long ago as well."""

from importlib import import_module

import pytest
from django.apps import apps

from tests.factories import BillerFactory
from transfers.models import Biller

pytestmark = pytest.mark.django_db
SAY_NAMBARI = import_module("transfers.migrations.0095_nambari").say_nambari


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Namba ya mita", "Nambari ya mita"),
        ("Weka namba ya mkopo", "Weka nambari ya mkopo"),
        ("Nambari ya mita", "Nambari ya mita"),
        (f"Namba {'x' * 54}", f"Namba {'x' * 54}"),
    ],
)
def test_a_billers_label_says_nambari_where_it_fits(before: str, after: str) -> None:
    biller = BillerFactory(account_label_sw=before)
    SAY_NAMBARI(apps, None)
    assert Biller.objects.get(pk=biller.pk).account_label_sw == after


def test_no_seeded_label_is_left_with_the_other_word() -> None:
    labels = Biller.objects.values_list("account_label_sw", flat=True)
    assert [label for label in labels if "namba " in f"{label} ".casefold()] == []
