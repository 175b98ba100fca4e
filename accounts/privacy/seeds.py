"""The texts and figures a fresh portal starts with. The bank changes them by adding dated rows."""

from typing import Any

from accounts.privacy import firstterms, firsttexts
from accounts.seeds import STARTED

FIRST = 1
"""The version that every kind begins with."""

FIGURES = {
    "ACCESS": "7.00",
    "CORRECTION": "7.00",
    "ERASURE": "7.00",
    "RESTRICTION": "7.00",
    "OBJECTION": "7.00",
    "PORTABILITY": "30.00",
    "REVIEW": "7.00",
    "RECORD_YEARS": "7.00",
}


def install(text_model: Any, figure_model: Any) -> None:
    """Write the rows that are missing, with the given model classes (a migration passes historical ones)."""
    texts = {
        "TERMS": (firstterms.ENGLISH, firstterms.KISWAHILI),
        "NOTICE": firsttexts.NOTICE,
        **firsttexts.CONSENTS,
    }
    text_model.objects.bulk_create(
        [
            text_model(kind=kind, version=FIRST, effective_from=STARTED, text_en=english, text_sw=kiswahili)
            for kind, (english, kiswahili) in texts.items()
        ],
        ignore_conflicts=True,
    )
    figure_model.objects.bulk_create(
        [figure_model(code=code, effective_from=STARTED, value=value) for code, value in FIGURES.items()],
        ignore_conflicts=True,
    )
