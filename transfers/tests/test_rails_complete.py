"""A rail is named in several places; one that is missing in any of them would be offered by half."""

import re

import pytest
from django.conf import settings

from transfers.destinations import Network
from transfers.outside import callbacks, kinds
from transfers.outside.rails import TITLES
from wekeza_portal.rails import credentials
from wekeza_portal.rails.base import rails
from wekeza_portal.rails.simulator.companies import COMPANIES
from wekeza_portal.staff import switches

NAMES = [name for name, _rail in rails.items()]
PLAYED_BY_ANOTHER = {"cdsc": "pesalink"}
NEVER_CALLS_BACK = {"airtel_money"}


@pytest.mark.parametrize("name", NAMES)
def test_every_rail_is_named_wherever_a_rail_has_to_be(name: str) -> None:
    code = name.upper()
    assert rails.get(name).name == name
    assert all(hasattr(settings, needed) for needed in credentials.NEEDED[name])
    assert name == "tkash" or hasattr(settings, credentials.ADDRESSES[name]), "its address has to be asked for https"
    assert code in TITLES
    assert code in Network.values or code in kinds.RAILS.values()
    assert code in switches._switches
    assert (f"{name}.result" in callbacks.REPORTS) is (name not in NEVER_CALLS_BACK)
    assert PLAYED_BY_ANOTHER.get(name, name) in COMPANIES


CARRIES_NO_PAYMENT = {"cards"}
"""Companies with credentials that nobody is paid through."""


def test_no_place_names_a_rail_that_is_not_there() -> None:
    codes = {name.upper() for name in NAMES}
    assert set(credentials.NEEDED) - CARRIES_NO_PAYMENT == set(NAMES)
    assert set(credentials.ADDRESSES) <= set(credentials.NEEDED)
    assert set(TITLES) == codes
    assert set(Network.values) | set(kinds.RAILS.values()) == codes
    assert {name.partition(".")[0] for name in callbacks.REPORTS} == set(NAMES) - NEVER_CALLS_BACK


def test_the_page_about_rails_has_a_row_for_each_with_its_settings() -> None:
    page = (settings.BASE_DIR / "docs" / "rails.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*)$", page, re.MULTILINE))
    for name in set(NAMES) - {"cdsc", "tkash"}:  # the same as PesaLink; the simulator alone
        prefix = credentials.NEEDED[name][0].partition("_")[0]
        assert all(f"`{needed}`" in rows[name] or f"`{needed.removeprefix(prefix)}`" in rows[name]
                   for needed in credentials.NEEDED[name]), name  # fmt: skip
    assert {"cdsc", "tkash"} <= set(rows)
