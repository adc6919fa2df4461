"""How often each caller may come: one bucket for each, filled at a steady rate."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

from agentgym.leaderboard.server.settings import Rate

__all__ = ["Buckets", "address_key"]

_MOST_BUCKETS = 100_000


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Buckets:
    """A bucket of permissions for each key; keys that are full again are forgotten.

    Args:
        rate: Size of a bucket and how fast it fills.
        clock: Tells the seconds.
        most: Greatest number of keys; the one unused for longest makes room.
    """

    def __init__(
        self, rate: Rate, *, clock: Callable[[], float] = time.monotonic, most: int = _MOST_BUCKETS
    ) -> None:
        self._rate, self._clock, self._most = rate, clock, most
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, key: str) -> int:
        """Take one permission; return 0, or after how many whole seconds the next one is there."""
        with self._lock:
            bucket = self._filled(key)
            if bucket.left < 1:
                return self._wait(bucket)
            bucket.left -= 1
            return 0

    def _wait(self, bucket: _Bucket) -> int:
        return max(1, ceil((1 - bucket.left) / self._rate.per_s))

    def _filled(self, key: str) -> _Bucket:
        now = self._clock()
        bucket = self._buckets.setdefault(key, _Bucket(self._rate.burst, now))
        bucket.left = min(self._rate.burst, bucket.left + (now - bucket.at) * self._rate.per_s)
        bucket.at = now
        self._buckets.move_to_end(key)
        self._forget(now)
        return bucket

    def _forget(self, now: float) -> None:
        full_after = self._rate.burst / self._rate.per_s
        while len(self._buckets) > 1:
            oldest = next(iter(self._buckets.values()))
            if len(self._buckets) <= self._most and now - oldest.at < full_after:
                return
            self._buckets.popitem(last=False)


def address_key(host: str) -> str:
    """Return the key of an address: all of a household's IPv6 addresses (its /64) are one."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
