"""The pages of the card processor: using a card, and the one that shows a secret."""

from collections.abc import Sequence
from html import escape
from typing import Any

from wekeza_portal.rails.simulator.company import Reply
from wekeza_portal.rails.simulator.page import HEAD

SHOWN = 20
WAYS = {
    "ATM": "Cash machine",
    "SHOP": "Shop, chip and PIN",
    "CONTACTLESS": "Shop, contactless",
    "ONLINE": "Online shop",
    "ABROAD": "Shop in Kampala",
    "BET": "Betting, online",
}


def page(content: str, status: int = 200) -> Reply:
    """A page that leads to the one where a card is used."""
    text = f'{HEAD}<p><a href="/cards/use">Use a card</a></p>{content}</html>'
    return Reply(status, text, "text/html; charset=utf-8")


def form(cards: Sequence[dict[str, Any]], uses: Sequence[dict[str, Any]]) -> str:
    """Use a card; and what was asked so far, newest first."""
    newest = sorted(uses, key=lambda one: one["at"], reverse=True)[:SHOWN]
    ways = "".join(f'<option value="{way}">{words}</option>' for way, words in WAYS.items())
    amount = '<input name="amount" value="500.00" inputmode="decimal">'
    return (
        '<h2>Use a card</h2><form method="post" action="/cards/use">'
        f'<label>Card<select name="card">{"".join(map(_option, cards))}</select></label>'
        f'<label>Where<select name="way">{ways}</select></label>'
        f"<label>Amount in KES{amount}</label><button>Use it</button></form>"
        f"<h2>Uses</h2>{''.join(map(_line, newest)) or '<p>None yet.</p>'}"
    )


def _option(card: dict[str, Any]) -> str:
    words = f"{card['name']}, {card['kind'].lower()} ...{card['last_four']}"
    return f'<option value="{escape(card["token"])}">{escape(words)}</option>'


def _line(one: dict[str, Any]) -> str:
    asked, answer = one["question"], one["answer"]
    words = f"{asked['merchant']} KES {asked['amount']}: {answer.get('decision', 'no answer')} {answer.get('code', '')}"
    button = f'<button name="take_back" value="{escape(asked["id"])}">Take it back</button>'
    back = f'<form method="post" action="/cards/use">{button}</form>' if answer.get("code") == "00" else ""
    return f"<article><b>{escape(words)}</b>{back}</article>"
