"""Kiswahili is complete: every text of ours, and the messages of Django that a customer can meet."""

import ast
import re
import shutil
from datetime import date
from pathlib import Path

import django
import polib
import pytest
from django.conf import settings
from django.template.base import Lexer, TokenType
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext

from scripts.collect_texts import collect

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "locale" / "sw" / "LC_MESSAGES" / "django.po"
PLACES = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
# Words that are the same in every language.
NOT_LANGUAGE = re.compile(
    r"\b(narrow|public|signed-in|EAT)\b|KES|PDF|SMS|Wekeza|English|Kiswahili|https?://\S+|&[a-z]+;|&#\d+;|[\d\s.,:;()\[\]/·•–—|+%&?!'\"→←↑↓✓*#=-]+"
)


@pytest.fixture(scope="module")
def catalogue() -> polib.POFile:
    return polib.pofile(str(CATALOGUE))


def test_no_message_is_empty_or_fuzzy(catalogue: polib.POFile) -> None:
    unfinished = [entry.msgid for entry in catalogue if not entry.translated() or entry.fuzzy]
    assert unfinished == []


def test_every_place_to_fill_in_is_in_the_translation_too(catalogue: polib.POFile) -> None:
    for entry in catalogue:
        for text in [entry.msgstr, *entry.msgstr_plural.values()]:
            if text:
                assert set(PLACES.findall(text)) <= set(PLACES.findall(entry.msgid + entry.msgid_plural)), entry.msgid
        if entry.msgstr:
            assert set(PLACES.findall(entry.msgid)) == set(PLACES.findall(entry.msgstr)), entry.msgid


def test_no_text_of_the_source_is_missing_from_the_catalogue(catalogue: polib.POFile, tmp_path: Path) -> None:
    # The collector writes beside the sources it reads: it reads a copy.
    copy = tmp_path / "portal"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*", "var", "static", "node_modules", "__pycache__"))
    untouched = CATALOGUE.read_bytes()
    collect(copy)
    assert untouched == CATALOGUE.read_bytes()
    fresh = polib.pofile(str(copy / CATALOGUE.relative_to(ROOT)))
    known = {(entry.msgctxt, entry.msgid) for entry in catalogue}
    assert {(entry.msgctxt, entry.msgid) for entry in fresh} - known == set()
    assert known - {(entry.msgctxt, entry.msgid) for entry in fresh} == set(), "a text that is no longer used"


@pytest.mark.parametrize(
    "english",
    [
        "This field is required.",
        "Select a valid choice. %(value)s is not one of the available choices.",
        "Enter a valid email address.",
        "Enter a valid date.",
        "Null characters are not allowed.",
    ],
)
def test_djangos_own_messages_are_said_in_kiswahili(english: str) -> None:
    with translation.override("sw"):
        assert gettext(english) != english


def test_djangos_texts_are_worded_as_django_words_them(catalogue: polib.POFile) -> None:
    source = (ROOT / "wekeza_portal" / "django_texts.py").read_text(encoding="utf-8")
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    ours = {argument.value for call in calls for argument in call.args[:1] if isinstance(argument, ast.Constant)}
    english = Path(django.__file__).parent / "conf" / "locale" / "en" / "LC_MESSAGES" / "django.po"
    assert len(ours) == len(calls)
    assert ours - {entry.msgid for entry in polib.pofile(str(english))} == set()
    assert ours <= {entry.msgid for entry in catalogue}


def test_the_header_says_what_this_is_and_nothing_is_left_of_the_form(catalogue: polib.POFile) -> None:
    assert catalogue.metadata["Project-Id-Version"] == "Wekeza Personal Banking"
    assert catalogue.metadata["Language"] == "sw"
    assert catalogue.metadata["Plural-Forms"] == "nplurals=2; plural=(n != 1);"
    assert not catalogue.metadata_is_fuzzy
    left = re.search(
        r"SOME DESCRIPTIVE|FIRST AUTHOR|FULL NAME|EMAIL@ADDRESS|LL@li|YEAR", CATALOGUE.read_text(encoding="utf-8")
    )
    assert left is None


def test_dates_are_written_in_kiswahili() -> None:
    with translation.override("sw"):
        assert date_format(date(2026, 11, 23), "DATE_FORMAT") == "23 Novemba 2026"
        assert date_format(date(2026, 11, 23), "SHORT_DATE_FORMAT") == "23/11/2026"
        months = {date_format(date(2026, month, 1), "F") for month in range(1, 13)}
    with translation.override("en"):
        assert not months & {date_format(date(2026, month, 1), "F") for month in range(1, 13)}


# The longest that goes into one SMS: who, where, how much and when.
LONGEST = {
    "since": "25/11 10:32", "lift": "25/11 11:32", "address": "portal.wekeza.co.ke/freeze/",
    "helper": "W" * 24, "until": "18:44",
    "name": "ABCDEFGHIJKLMNOPQRST M.",
    "sent": "50",
    "refused": "50",
    "browser": "Samsung Internet kwenye Android", "time": "23/11/2026 18:44", "code": "482913",
    "amount": "KES 999,999.99", "payee": f"{'W' * 20} M.", "payer": f"{'W' * 20} M.", "reference": "M4Q7-P731-9518",
    "account": "...0015",
    "receipt": "SKQ1AB2CD3",
    "about": "KES 999,999.99", "limit": "KES 999,999.99",
    "begins": "31/12/2026", "date": "31/12/2026", "again": "31/12 18:00", "short": "imezidi kikomo cha mpokeaji huyu",
    "fee": "KES 315.00", "total": "KES 999,999.99", "token": "4177-2093-5182-6407-1935",
    "where": "Nairobi City Water and Sewerage ...123", "biller": "Kenya Power prepaid (tokens)",
    "number": "14123456789", "why": "Mpokeaji amefikia kiwango cha juu cha kupokea kwa siku moja.",
    "four": "1234", "merchant": "W" * 24, "branch": "Westlands Shopping Mall Branch", "when": "31 Desemba, 23:59",
    "new": f"j...@{'w' * 24}", "link": f"https://online.wekeza.com/undo/{'4f' * 16}/",
    "paper": "Uthibitisho wa kipato",
    "limits": "KES 500,000.00 kwa siku, KES 2,000,000.00 kwa mwezi",
    "way": "Programu ya uthibitisho", "left": "9",
    "request": "rekebisha nambari yangu ya kitambulisho", "what": "Marejesho ya malipo ya ziada ya mkopo",
}  # fmt: skip


def test_what_goes_by_sms_fits_one_and_needs_no_special_letters(catalogue: polib.POFile) -> None:
    values = {**LONGEST, "bank": settings.BANK_NAME, "phone": settings.FRAUD_PHONE}
    by_sms = [entry for entry in catalogue if "%(bank)s" in entry.msgid]
    warning = next(entry.msgstr for entry in catalogue if entry.msgid == "Nobody from the bank will ask for it.")
    assert len(by_sms) >= 10
    for entry in by_sms:
        text = entry.msgstr % values + (f" {warning}" if "%(code)s" in entry.msgid else "")
        assert text.isascii(), entry.msgid
        assert len(text) <= 160, f"{len(text)}: {text}"


def bare_text(source: str) -> list[str]:
    """What a template says outside every translation tag."""
    found, inside = [], 0
    for token in Lexer(source).tokenize():
        if token.token_type == TokenType.BLOCK:
            word = token.contents.split()[0]
            inside += word in {"blocktranslate", "comment"}
            inside -= word in {"endblocktranslate", "endcomment"}
        elif token.token_type == TokenType.TEXT and not inside:
            found.append(token.contents)
        else:
            found.append(" \x00 ")
    markup = "".join(found)
    spoken = re.findall(r"\s(?:aria-label|title|placeholder|alt)=\"([^\"\x00]*[A-Za-z][^\"\x00]*)\"", markup)
    visible = re.sub(r"<[^>]*>", " ", markup)
    words = re.findall(r"[A-Za-z][A-Za-z'’ ]+", NOT_LANGUAGE.sub(" ", visible.replace("\x00", " ")))
    return [text.strip() for text in [*spoken, *words] if len(text.strip()) > 1]


def test_the_guard_sees_a_bare_word() -> None:
    assert bare_text("<p>{% translate 'Hello' %} there</p>") == ["there"]
    assert bare_text('<a aria-label="Close it">{{ x }}</a>') == ["Close it"]
    assert bare_text("{% blocktranslate %}All well{% endblocktranslate %}") == []


def test_no_template_speaks_outside_a_translation() -> None:
    said = {}
    for path in sorted((ROOT / "templates").rglob("*.html")):
        if path.name == "styleguide.html" or path.parts[-2] == "operations":
            continue  # demo pages for developers
        words = bare_text(path.read_text(encoding="utf-8"))
        if words:
            said[path.relative_to(ROOT).as_posix()] = words
    assert said == {}
