"""Short attacks on one web process that hardly affect clients in another room. Longer ones: `make hostile`.

The limits are wider than those of `make hostile`, because other tests use the same processors.
"""

from __future__ import annotations

import pytest

from .attacks import ATTACKS
from .environment import Environment
from .judge import BUSY_MACHINE, Limits, judge
from .run import Times, run_attack, table_line

WIDE_LIMITS = Limits(p99=1.5, slowest=3.0, page=6.0, after=0.75)
ATTEMPTS = 3  # if other tests kept the server waiting for a processor
WITHOUT_DATABASE = {  # these load the web process alone
    "big-frames", "hard-text", "never-reads", "pings", "slow-headers", "unknown-urls",
}  # fmt: skip
SHORT = Times(before=0.6, during=2.2, rest=0.8, after=0.7)


class SharedEnvironment:
    """One environment for all attacks. It is replaced after an attack that exceeded a limit."""

    def __init__(self, stack) -> None:
        self.stack = stack
        self.environment: Environment | None = None

    def current(self) -> Environment:
        if self.environment is None:
            self.environment = Environment(self.stack)
            self.environment.__enter__()
        return self.environment

    def close(self) -> None:
        environment, self.environment = self.environment, None
        if environment is not None:
            environment.__exit__()


@pytest.fixture(scope="module")
def shared(stack):
    shared = SharedEnvironment(stack)
    yield shared
    shared.close()


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.once if name in WITHOUT_DATABASE else ()) for name in ATTACKS],
)
def test_an_attack_hardly_affects_clients_in_another_room(shared, name):
    for _ in range(ATTEMPTS):
        figures = run_attack(shared.current(), name, SHORT)
        print(table_line(figures, WIDE_LIMITS), figures.counters, sep="\n")
        violations = judge(figures, WIDE_LIMITS)
        if violations:
            shared.close()
        if not violations or figures.starved < BUSY_MACHINE:
            break
    assert violations == []
