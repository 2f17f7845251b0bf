"""Memory that a burst took is given back, which Python alone does not do (`chatproject/memory.py`)."""

import subprocess
import sys

import pytest

from tests.web import ROOT

# Few objects, much memory: the interpreter counts objects, so by itself it collects nothing here.
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
    assert time.monotonic() < deadline, "not given back"
    time.sleep(0.05)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="resident memory is read from /proc")
def test_garbage_in_reference_cycles_is_collected_after_a_burst():
    done = subprocess.run([sys.executable, "-c", BURST], cwd=ROOT, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
