"""Which passwords a customer may choose: length, not symbols (NIST SP 800-63B-4, OWASP ASVS 5.0 V6.2)."""

import re
from itertools import pairwise

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

SHORTEST = 12
LONGEST = 128
LETTERS_OF_ONES_OWN = 6
FEWEST_DIFFERENT = 5
SUBSCRIBER = 9
"""Digits of a Kenyan number after 0 or +254."""
BANK_WORDS = ("wekeza", "benki", "bank", "portal", "password", "nenosiri", "account", "akaunti", "kenya", "personal")


def check(password: str, *, email: str, full_name: str, phone: str = "") -> None:
    """Raises ValidationError with a sentence when the password is too short, too long or easy to guess.

    `phone` as the branch has it, however spelled.
    """
    if len(password) < SHORTEST:
        raise ValidationError(_("Use at least 12 characters. A short sentence works well."), code="short")
    if len(password) > LONGEST:
        raise ValidationError(_("Use at most 128 characters."), code="long")
    if _is_common(password) or _is_a_run(password):
        raise ValidationError(_("Many people use that password, so it is easy to guess."), code="common")
    if _is_about(password, [*BANK_WORDS, *_words(email), *_words(full_name)]):
        raise ValidationError(_("Don't build it around the bank's name, your name or your e-mail."), code="about")
    if _is_a_number(password, phone):
        raise ValidationError(_("Don't build it around your phone number."), code="about")


def _is_common(password: str) -> bool:
    """Whether it is among the 20,000 commonest, also with digits and signs hung on."""
    try:
        for candidate in {password, password.strip("0123456789!@#$%^&*.-_ ") or password}:
            CommonPasswordValidator().validate(candidate)
    except ValidationError:
        return True
    return False


def _is_a_run(password: str) -> bool:
    """aaaaaaaaaaaa, abababababab, 123456789012."""
    if len(set(password)) < FEWEST_DIFFERENT:
        return True
    steps = {(ord(b) - ord(a)) % 10 for a, b in pairwise(password)}
    return steps <= {1} or steps <= {9}


def _is_about(password: str, words: list[str]) -> bool:
    """Whether too little of one's own is left once known words and digits are taken out."""
    rest = password.casefold()
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, "")
    own_letters = re.sub(r"[\W\d_]", "", rest)
    return rest != password.casefold() and len(own_letters) < LETTERS_OF_ONES_OWN


def _is_a_number(password: str, phone: str) -> bool:
    """Whether it holds the phone number, whatever stands between its digits, and little else."""
    own = re.sub(r"\D", "", phone)[-SUBSCRIBER:]
    letters = re.sub(r"[\W\d_]", "", password)
    return len(own) == SUBSCRIBER and own in re.sub(r"\D", "", password) and len(letters) < LETTERS_OF_ONES_OWN


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\W_\d]+", text.casefold()) if len(word) > 2]
