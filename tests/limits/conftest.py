"""The clock of the rate limits in the test process stands still: no bucket refills while a test runs."""

import pytest

from chat.limits import buckets


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch, fresh_limits):
    monkeypatch.setattr(buckets, "monotonic", Clock())
    return buckets.monotonic
