"""The worker's eye on the chain: new links at once, every link anew once a day, the result kept for the front page.

Two places are remembered: `tail`, up to which the chain was ever proved, and `again`, where today's round over the
whole chain stands. A fault stays on the front page until that very place is proved again.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from wekeza_portal import clock
from wekeza_portal.audit.chain import Head, current_head
from wekeza_portal.audit.verifying import Verdict, verify_next
from wekeza_portal.staff import kept
from wekeza_portal.staff.models import KeptCheck

logger = logging.getLogger(__name__)

LINKS_A_STEP = 1000
PAUSE = timedelta(minutes=1)
"""Between two looks at a chain that has not grown: the front page says when it was last looked at."""


def watch() -> int:
    """One step of either walk; how many links were proved. A worker step."""
    row = kept.latest(kept.AUDIT_CHAIN)
    state: dict[str, Any] = dict(row.state) if row else {}
    if row is not None and _may_rest(row, state):
        return 0
    tail = _head(state, "tail")
    verdict = verify_next(tail, LINKS_A_STEP)
    again = _again(state)
    if verdict.is_intact:
        proved, verdict = verdict.head, _round(again, verdict)
        state.update(tail=list(proved), again=list(verdict.head), day=str(clock.today()))
        _note_whole(state)
        moved = proved.number - tail.number + max(verdict.head.number - again.number, 0)
    else:
        moved = 0
    reached = _head(state, "tail").number if verdict.is_intact else verdict.head.number
    keep(kept.AUDIT_CHAIN, verdict, reached=reached, state=state)
    return moved


def keep(name: str, verdict: Verdict, *, reached: int, state: dict[str, Any] | None = None) -> None:
    """Keep a verdict, the worker's or `verifyaudit`'s; a fault goes to the log as well."""
    if verdict.fault:
        logger.error("audit chain: %s", verdict.fault)
    kept.keep(name, faults=0 if verdict.is_intact else 1, reached=reached, words=verdict.fault or "", state=state)


def _round(again: Head, tail: Verdict) -> Verdict:
    """Today's walk over the links that were proved before, up to the tail that was proved just now."""
    left = tail.head.number - again.number
    return verify_next(again, min(left, LINKS_A_STEP)) if left > 0 else Verdict(again, None)


def _note_whole(state: dict[str, Any]) -> None:
    """When today's round first reached the tail, every link was proved since the day began: `whole` says when."""
    is_noted = "whole" in state and datetime.fromisoformat(state["whole"][1]).date() == clock.today()
    if not is_noted and state["again"] == state["tail"]:
        state["whole"] = [state["tail"][0], clock.now().isoformat()]


def _again(state: dict[str, Any]) -> Head:
    return _head(state, "again") if state.get("day") == str(clock.today()) else Head(0, "")


def _head(state: dict[str, Any], name: str) -> Head:
    return Head(*state[name]) if name in state else Head(0, "")


def _may_rest(row: KeptCheck, state: dict[str, Any]) -> bool:
    """Nothing new to prove, today's round is done, and the last look is recent."""
    ran_at: datetime = row.ran_at
    is_fresh = clock.now() - ran_at < PAUSE
    if row.faults:
        return is_fresh
    is_done = _head(state, "tail") == current_head() == _again(state)
    return is_fresh and is_done
