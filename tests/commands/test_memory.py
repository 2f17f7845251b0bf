"""Memory used by a burst is returned to the system (`chatproject/memory.py`). Python alone keeps it."""

import subprocess
import sys

import pytest

from tests.web import ROOT

# The burst makes few but large objects. Python's collector counts objects and would not run by itself.
BURST = """
import os, time
from chatproject import memory

memory.tune()
statm = os.open(memory.STATM, os.O_RDONLY)
before = memory.resident(statm)
for _ in range(100):
    cycle = [b"x" * 2**20]
    cycle.append(cycle)
del cycle
deadline = time.monotonic() + 30
while memory.resident(statm) - before > 32 * 2**20:
    assert time.monotonic() < deadline, "the memory was not returned"
    time.sleep(0.05)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="resident memory is read from /proc")
def test_garbage_in_reference_cycles_is_collected_after_a_burst():
    done = subprocess.run([sys.executable, "-c", BURST], cwd=ROOT, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
