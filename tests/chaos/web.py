"""A web process with injected faults. They are patched in from here; Obrolan itself has no switch for them.

CHAOS_SKEW      seconds by which the clock of this process is wrong
CHAOS_ARM       path of a file; the process that can remove it after a COMMIT kills itself before it publishes
CHAOS_HINTS     share of the channel layer's messages that are disturbed, 0 to 1
CHAOS_HARM      how, a comma-separated list of: drop, repeat, reorder
CHAOS_OWN_HINTS if set, those of the process to itself are disturbed too; else they do not use the layer
CHAOS_SEED      seed of the random generator that chooses them
"""

from __future__ import annotations

import argparse
import os
import signal
import time
from contextlib import suppress
from pathlib import Path


def skew_clocks(seconds: float) -> None:
    """Call this before other imports, so that `from … import now` imports the patched clock."""
    real_time = time.time
    time.time = lambda: real_time() + seconds
    from datetime import timedelta

    from django.utils import timezone

    real_now = timezone.now
    timezone.now = lambda: real_now() + timedelta(seconds=seconds)


def die_after_commit(kill_switch: Path) -> None:
    """Kill this process after a COMMIT, before the sender or any reader is notified."""
    from django.db.backends.base.base import BaseDatabaseWrapper

    run_hooks = BaseDatabaseWrapper.run_and_clear_commit_hooks

    def run_hooks_or_die(self) -> None:
        if self.run_on_commit:
            with suppress(FileNotFoundError):
                kill_switch.unlink()  # succeeds in one process only
                os.kill(os.getpid(), signal.SIGKILL)
        run_hooks(self)

    BaseDatabaseWrapper.run_and_clear_commit_hooks = run_hooks_or_die


def use_faulty_layer() -> None:
    from django.conf import settings

    layer = settings.CHANNEL_LAYERS["default"]
    kind = "FaultyRedisLayer" if "redis" in layer["BACKEND"] else "FaultyInMemoryLayer"
    layer["BACKEND"] = f"tests.chaos.layer.{kind}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "chatproject.settings"
    if skew := float(os.environ.get("CHAOS_SKEW", 0)):
        skew_clocks(skew)
    if kill_switch := os.environ.get("CHAOS_ARM"):
        die_after_commit(Path(kill_switch))
    if float(os.environ.get("CHAOS_HINTS", 0)):
        use_faulty_layer()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", "serve", "--host", "127.0.0.1", "--port", str(options.port)])


if __name__ == "__main__":
    main()
