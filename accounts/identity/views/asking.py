"""The page that asks for the second factor, at sign-in and at step-up alike: in the first way, or in another."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.forms import Form
from django.http import HttpRequest

from accounts.identity import codes
from accounts.identity.factors import passkeys
from accounts.identity.factors.ways import Ways
from accounts.identity.forms import AppCodeForm, BackupCodeForm, CodeForm, PasskeyForm
from accounts.models import OneTimeCode, User, Way

FORMS: dict[Way, type[Form]] = {Way.APP: AppCodeForm, Way.PASSKEY: PasskeyForm, Way.BACKUP: BackupCodeForm}


@dataclass(frozen=True, slots=True)
class Asking:
    """In which of the customer's ways this page asks, and where its forms go."""

    ways: Ways
    way: Way
    page: str
    """The address without a way in it."""
    resend: str
    ask_passkey: str
    user: User
    binding: str

    def form(self, request: HttpRequest) -> Form:
        """The form of this way, with what was typed."""
        return FORMS.get(self.way, CodeForm)(request.POST or None)

    def address(self, way: Way) -> str:
        """This page, asking in that way."""
        return _with(self.page, {"way": way.value})

    def ask_now(self) -> None:
        """Ask for the passkey where that is the way and no challenge is out. Raises SwitchedOff, TooMany."""
        if self.way == Way.PASSKEY and passkeys.asked(self.user, self.binding) is None:
            passkeys.ask(self.user, self.binding)

    def page_of_sent(self, way: Way) -> str:
        """This page, asking for the code that was just sent."""
        return self.page if self.ways.first.is_sent else self.address(way)

    def context(self, sent: OneTimeCode | None) -> dict[str, Any]:
        """What the template shows; `sent` is the code last sent for this."""
        return {
            "way": self.way.value,
            "here": self.page if self.way == self.ways.first else self.address(self.way),
            "resend": self.resend,
            "ask_passkey": self.ask_passkey,
            "options": self._options() if self.way == Way.PASSKEY else "",
            "open": [str(way.value) for way in self.ways.open],
            "others": [(way, self.address(way)) for way in self.ways.open if self._is_another(way)],
            "closed": {str(way.value): notice for way, notice in self.ways.closed.items()},
            **codes.standing(sent if self.way.is_sent else None),
        }

    def _options(self) -> str:
        challenge = passkeys.asked(self.user, self.binding)
        return passkeys.options(challenge) if challenge is not None else ""

    def _is_another(self, way: Way) -> bool:
        """SMS and e-mail stand on one page, which offers the other by itself."""
        return way != self.way and not (way.is_sent and self.way.is_sent)


def asked_way(request: HttpRequest, ways: Ways) -> Way:
    """The way named by the address if the customer has it and it is open, else the first."""
    wanted = request.GET.get("way", "")
    return Way(wanted) if wanted in Way.values and Way(wanted) in ways.open else ways.first


def _with(address: str, more: dict[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(more)}"
