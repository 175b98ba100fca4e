"""Kinds of papers: what each says to whoever verifies it. Apps register theirs in AppConfig.ready()."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format

from wekeza_portal.clock import NAIROBI
from wekeza_portal.documents.models import IssuedPaper
from wekeza_portal.money import format_kes
from wekeza_portal.registry import Registry

# A lazily translated text, or a plain one.
Text = Any


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the public page: its label, and how the stored text is shown in the reader's language."""

    label: Text
    show: Callable[[str], str] = str


def _always(_paper: IssuedPaper) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class PaperKind:
    """What a paper is called, its template, and the only facts about it that are ever shown in public.

    `still_stands` says whether what the paper says is still so (a payment may have been returned since).
    """

    title: Text
    template: str
    facts: Mapping[str, Fact]
    still_stands: Callable[[IssuedPaper], bool] = _always

    def lines(self, facts: Mapping[str, str]) -> list[tuple[str, str]]:
        """Label and text of each stored fact, in the order of the kind, in the active language."""
        return [(str(fact.label), fact.show(facts[name])) for name, fact in self.facts.items() if name in facts]


paper_kinds: Registry[PaperKind] = Registry("paper kind")


def as_kes(text: str) -> str:
    """ "1234.50" as KES 1,234.50."""
    return format_kes(Decimal(text))


def as_moment(text: str) -> str:
    """An ISO instant as date and time of Nairobi."""
    return date_format(datetime.fromisoformat(text).astimezone(NAIROBI), "j F Y, H:i")


def one_of(words: Mapping[str, Text]) -> Callable[[str], str]:
    """A stored word in the reader's language; KeyError on one that is not in `words`."""
    return lambda text: str(words[text])
