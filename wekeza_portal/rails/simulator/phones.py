"""The phones of the demo's people, on the simulator's page: prompts to answer, and money to pay to the paybill."""

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from wekeza_portal.rails.simulator import mpesa_customers
from wekeza_portal.rails.simulator.desk import Desk

ANSWERS = {"0": "Enter the right PIN", "2001": "Enter a wrong PIN", "1032": "Cancel", "1": "Not enough money"}
LONGEST = 30


def render(desk: Desk) -> str:
    """Prompts that wait for a person, and the form to pay to a paybill."""
    prompts = "".join(_prompt(checkout, prompt) for checkout, prompt in mpesa_customers.open_prompts(desk))
    paybills = [key for key, _urls in desk.store.recall_all(desk.company, "urls")]
    return f"<h2>Phones</h2>{prompts or '<p>No phone shows a prompt. Reload after asking for a deposit.</p>'}" + (
        _paybill(paybills[0]) if paybills else ""
    )


def _prompt(checkout: str, prompt: Mapping[str, Any]) -> str:
    words = f"Pay Ksh{prompt['Amount']} to {prompt['BusinessShortCode']}, account {prompt['AccountReference']}?"
    buttons = "".join(f'<button name="code" value="{code}">{escape(text)}</button>' for code, text in ANSWERS.items())
    return (
        f"<article><b>{escape(str(prompt['PhoneNumber']))}: {escape(words)}</b>"
        f'<form method="post" action="/_sim/prompts"><input type="hidden" name="checkout" value="{escape(checkout)}">'
        f"{buttons}</form></article>"
    )


def _paybill(number: str) -> str:
    fields = (("account", "Account", ""), ("amount", "Amount", "500"), ("phone", "Phone", "254722000126"))
    inputs = "".join(
        f'<label>{label}<input name="{name}" value="{value}" maxlength="{LONGEST}" required></label>'
        for name, label, value in (*fields, ("name", "Name", "PETER KAMAU"))
    )
    return (
        f'<h3>Pay to paybill {escape(number)}</h3><form method="post" action="/_sim/paybill">'
        f'<input type="hidden" name="paybill" value="{escape(number)}">{inputs}<button>Pay</button></form>'
    )


def answer(desk: Desk, form: Mapping[str, str]) -> str:
    """A person did something on a phone; what it shows now."""
    done = mpesa_customers.answer_prompt(desk, form.get("checkout", ""), form.get("code", ""))
    return "Done." if done else "This prompt is over."


def pay(desk: Desk, form: Mapping[str, str], ask: Callable[[str, str], dict[str, Any]]) -> str:
    """A person pays to a paybill; what the phone shows."""
    amount, account = form.get("amount", ""), form.get("account", "").strip()
    if not (amount.isascii() and amount.isdecimal() and 0 < int(amount[:12]) <= 250_000 and account):
        return "Enter an account and a whole amount up to 250000."
    paid = {
        "BusinessShortCode": form.get("paybill", ""),
        "Amount": int(amount),
        "PhoneNumber": form.get("phone", "")[:12],
        "AccountReference": account[:20],
    }
    return mpesa_customers.pay_from_phone(desk, paid, form.get("name", "")[:LONGEST], ask)
