"""One limiter for everything that can be guessed or costs something.

Counts live in a table, under a row lock, committed before the guarded thing is looked at: exact however many
processes there are, and a crash or a rollback forgets nothing. Keys are stored as keyed digests.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from wekeza_portal import clock, crypto
from wekeza_portal.errors import PortalError
from wekeza_portal.models import RateCounter


@dataclass(frozen=True, slots=True)
class Policy:
    """At most `limit` times within `window`, counted from the first; when used up, closed for a whole `window`."""

    name: str
    limit: int
    window: timedelta


class TooMany(PortalError):
    """The limit is used up. Answered with status 429 and Retry-After."""

    code = "too_many"
    message = _("Too many tries. Please try again in %(minutes)s min.")

    def __init__(self, retry_after: int) -> None:
        super().__init__(minutes=max(1, -(-retry_after // 60)))
        self.retry_after = retry_after


def consume(policy: Policy, key: str) -> None:
    """Count one try, in a transaction of its own that is committed when this returns.

    Raises TooMany (counting nothing more) when the limit was used up before. RuntimeError inside a transaction.
    """
    consume_all((policy, key))


def consume_all(*tries: tuple[Policy, str]) -> None:
    """`consume` each in turn, as far as possible in one transaction. Name them in the same order everywhere.

    Raises TooMany at the first whose limit was used up before: those named ahead of it stay counted.
    """
    left = [(policy, _digest(policy, key)) for policy, key in tries]
    while left:
        retry_after = _count_in_turn(left)
        if retry_after is None:
            policy, digest = left[0]
            # Outside the counting transaction: a failed insert inside it would keep a lock that deadlocks.
            RateCounter.objects.bulk_create(
                [RateCounter(policy=policy.name, key=digest, window_start=clock.now())], ignore_conflicts=True
            )
        elif retry_after > 0:
            raise TooMany(retry_after)


def _count_in_turn(left: list[tuple[Policy, str]]) -> int | None:
    """Count and take off `left` until one can't be counted: what `_count` said of that one, 0 without any."""
    counted = 0
    with transaction.atomic(durable=True):
        found: int | None = 0
        while found == 0 and counted < len(left):
            found = _count(*left[counted])
            counted += found == 0
    del left[:counted]
    return found


def _count(policy: Policy, digest: str) -> int | None:
    """0 when counted, the seconds to wait when the limit is used up, None when there is no row yet."""
    row = RateCounter.objects.select_for_update().filter(policy=policy.name, key=digest).first()
    if row is None:
        return None
    now = clock.now()
    if now >= row.window_start + policy.window:
        row.window_start, row.count = now, 0
    if row.count >= policy.limit:
        return max(1, int((row.window_start + policy.window - now).total_seconds()))
    row.count += 1
    if row.count >= policy.limit:
        row.window_start = now
    row.save(update_fields=["count", "window_start"])
    return 0


def make(policy: Policy, key: str) -> None:
    """The counter that `hold` locks, where there is none yet. Counts nothing."""
    row = RateCounter(policy=policy.name, key=_digest(policy, key), window_start=clock.now())
    RateCounter.objects.bulk_create([row], ignore_conflicts=True)


def hold(policy: Policy, key: str) -> None:
    """Lock the counter of `key` until the caller's transaction ends, and count nothing: what must happen one after the
    other for one key. `make` it before, outside of the transaction."""
    RateCounter.objects.select_for_update().filter(policy=policy.name, key=_digest(policy, key)).first()


def peek(policy: Policy, key: str) -> int:
    """How often `key` was counted in the running window."""
    row = RateCounter.objects.filter(policy=policy.name, key=_digest(policy, key)).first()
    if row is None or clock.now() >= row.window_start + policy.window:
        return 0
    return row.count


def reset(policy: Policy, key: str) -> None:
    """Forget the tries of `key`: whoever it was has proven to be the right one."""
    RateCounter.objects.filter(policy=policy.name, key=_digest(policy, key)).update(count=0)


def give_back(policy: Policy, key: str) -> None:
    """Take back one try that turned out to be a right one."""
    with transaction.atomic():
        row = RateCounter.objects.select_for_update().filter(policy=policy.name, key=_digest(policy, key)).first()
        if row is not None and row.count > 0:
            row.count -= 1
            row.save(update_fields=["count"])


def forget_old(before: datetime) -> int:
    """Delete counters whose window began before `before`; how many."""
    return RateCounter.objects.filter(window_start__lt=before).delete()[0]


def _digest(policy: Policy, key: str) -> str:
    return crypto.keyed_digest(f"rate:{policy.name}", key)


def client_address(request: HttpRequest) -> str | None:
    """The visitor's address. X-Forwarded-For counts only as far as our own proxies (TRUSTED_PROXIES) wrote it.

    Read from the right, the first hop that is not one of our proxies is the visitor: whatever stands left of it was
    sent by the visitor and may be invented.
    """
    hops = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    address = _parse(request.META.get("REMOTE_ADDR", ""))
    while address is not None and hops and _is_ours(address):
        forwarded = _parse(hops.pop())
        if forwarded is None:
            break
        address = forwarded
    return str(address) if address else None


def is_our_proxy(address: str) -> bool:
    """Whether the hop with this address is one of TRUSTED_PROXIES, which holds addresses and networks."""
    parsed = _parse(address)
    return parsed is not None and _is_ours(parsed)


def neighbourhood(address: str | None) -> str:
    """The network around an address: /24 for IPv4, /48 for IPv6, which one subscriber can hold whole."""
    parsed = _parse(address or "")
    if parsed is None:
        return "unknown"
    return str(ip_network((parsed, 24 if parsed.version == 4 else 48), strict=False))


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _is_ours(address: IPv4Address | IPv6Address) -> bool:
    return any(address in ip_network(proxy, strict=False) for proxy in settings.TRUSTED_PROXIES)
