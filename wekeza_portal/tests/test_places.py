"""Places for costly work: so many at once, one for each key, never waited for."""

import threading

import pytest

from tests.together import at_once
from wekeza_portal.places import AllTaken, Places


def test_with_all_places_taken_the_next_is_refused_at_once() -> None:
    places = Places(2)
    with places.one_for("a"), places.one_for("b"), pytest.raises(AllTaken), places.one_for("c"):
        pass


def test_nobody_has_two() -> None:
    places = Places(2)
    with places.one_for("a"), pytest.raises(AllTaken), places.one_for("a"):
        pass


def test_a_place_is_free_again_also_after_a_failure() -> None:
    places = Places(1)
    with pytest.raises(ZeroDivisionError), places.one_for("a"):
        raise ZeroDivisionError
    with places.one_for("b"):
        pass


def test_being_refused_frees_nobody_elses() -> None:
    places = Places(1)
    with places.one_for("a"):
        for _time in range(3):
            with pytest.raises(AllTaken), places.one_for("a"):
                pass
        with pytest.raises(AllTaken), places.one_for("b"):
            pass


def test_of_many_at_once_only_so_many_work() -> None:
    places, begun, leave = Places(3), [], threading.Event()

    def work(key: str) -> str:
        try:
            with places.one_for(key):
                begun.append(key)
                leave.wait(timeout=30)
                return "done"
        except AllTaken:
            refused.append(key)
            if len(refused) == 7:
                leave.set()
            return "refused"

    refused: list[str] = []
    results = at_once([lambda key=str(number): work(key) for number in range(10)])
    assert (results.count("done"), results.count("refused"), len(begun)) == (3, 7, 3)
